import {
  CHANGE_KINDS,
  CHANNELS,
  type Change,
  type ChangeFilter,
  type ChangeSetFilter,
  type Channel,
  type FlatOfSet,
  LINK_KINDS,
  movesFlat,
  type Origin,
} from '../../src/domain/change.ts';
import type { Flat } from '../../src/domain/flat.ts';
import type { FlatFilter, FlatPosition, FlatSort } from '../../src/domain/flat-filter.ts';
import { foldTitle, type Intercom, type IntercomFilter, type IntercomSort } from '../../src/domain/intercom.ts';
import {
  ALL_AVAILABLE,
  LINE_STATES,
  LINES,
  type LineStatistics,
  type LinesPatch,
  patchLines,
  sameLines,
} from '../../src/domain/lines.ts';
import type { LinkChange } from '../../src/domain/link-change.ts';
import type { Listed, Page } from '../../src/domain/page.ts';
import { TESTER } from '../support/origin.ts';
import type { StoreWorld } from './contract.ts';

export interface NewFlat {
  readonly intercomId: number;
  readonly flat: number;
  readonly lines: LinesPatch;
  readonly keys: readonly string[];
  readonly users: readonly string[];
}

export interface Amendment {
  /** Which of the flats, by its place among them. */
  readonly index: number;
  readonly lines: LinesPatch;
  readonly actor: string;
  readonly channel: Channel;
  /** How far the clock moved, which may be back. */
  readonly elapsed: number;
  /** A change, of which the set is gone on with, by the same actor. */
  readonly joins: number | undefined;
  /** Names that are then attached to the flat or detached from it. */
  readonly link: Pick<LinkChange, 'link' | 'attach' | 'names'> | undefined;
}

/** What a store holds, kept as plain rows. */
export interface Model {
  readonly flats: (Flat & { readonly keys: readonly string[]; readonly users: readonly string[] })[];
  readonly titles: Map<number, string>;
  readonly changes: Change[];
}

/** Does the same to a store and to plain rows. */
export async function build(
  world: StoreWorld,
  titles: ReadonlyMap<number, string>,
  flats: readonly NewFlat[],
  amendments: readonly Amendment[],
): Promise<Model> {
  const model: Model = { flats: [], titles: new Map(), changes: [] };
  /** What a new row of the log says of its call. */
  function row({ actor, channel }: Origin, changeSet = model.changes.length + 1) {
    const seq = model.changes.length + 1;
    return { actor, channel, seq, changedAt: world.now, reason: null, changeSet };
  }
  for (const [index, given] of flats.entries()) {
    const { intercomId, flat, lines, keys, users } = given;
    const intercomTitle = titles.get(intercomId) as string;
    const origin = { ...TESTER, channel: CHANNELS[index % 3] as Channel };
    await world.store.importRows(origin, [{ ...given, intercomTitle }]);
    const { changeSet } = row(origin);
    if (!model.titles.has(intercomId)) {
      const after = { title: intercomTitle, externalId: null, range: { from: flat, to: flat } };
      model.changes.push({
        ...row(origin),
        ...{ kind: 'INTERCOM_CREATED', intercomId, before: null, after, flatsAdded: 0, flatsRemoved: 0 },
      });
    }
    model.titles.set(intercomId, intercomTitle);
    model.changes.push({
      ...row(origin, changeSet),
      ...{ kind: 'FLAT_CREATED', intercomId, flatId: index + 1, flat },
      ...{ lines: patchLines(ALL_AVAILABLE, lines), keys, users },
    });
    model.flats.push({
      ...{ id: index + 1, flat, intercomId, keyCount: keys.length, usersCount: users.length },
      ...{ lines: patchLines(ALL_AVAILABLE, lines), version: 1, updatedAt: world.now, keys, users },
    });
  }
  for (const { index, lines: patch, actor, channel, elapsed, joins, link } of amendments) {
    world.now += elapsed;
    const before = model.flats[index % model.flats.length];
    if (!before) continue;
    const ref = { by: 'id', flatId: before.id } as const;
    const update = { ref, patch, acceptedVersions: undefined, reason: null };
    const joined = joins === undefined ? undefined : model.changes[joins % model.changes.length];
    const origin = joined ?? { actor, channel };
    await world.store.amend(origin, [update], { changeSet: joined?.changeSet });
    const about = { flatId: before.id, intercomId: before.intercomId, flat: before.flat };
    const lines = patchLines(before.lines, patch);
    if (!sameLines(lines, before.lines)) {
      const lineValues = { before: before.lines, after: lines };
      model.changes.push({ ...row(origin, joined?.changeSet), kind: 'LINES_SET', ...about, ...lineValues });
      model.flats[before.id - 1] = { ...before, lines, version: before.version + 1, updatedAt: world.now };
    }
    if (!link) continue;
    await world.store.changeLinks(origin, { ...link, ref, reason: null });
    const flat = model.flats[before.id - 1] as Model['flats'][number];
    const had = new Set(flat[link.link]);
    const names = link.names.filter((it) => had.has(it) !== link.attach).sort();
    if (names.length === 0) continue;
    const kind = LINK_KINDS[link.link][link.attach ? 'attached' : 'detached'];
    model.changes.push({ ...row(origin), kind, ...about, names });
    const has = link.attach ? [...had, ...names] : [...had].filter((it) => !names.includes(it));
    const count = link.link === 'keys' ? 'keyCount' : 'usersCount';
    model.flats[before.id - 1] = { ...flat, [link.link]: has, [count]: has.length };
  }
  return model;
}

type Key = readonly (string | number)[];

/** Texts are compared by their bytes. */
function compare(a: Key, b: Key): number {
  for (const [index, one] of a.entries()) {
    const other = b[index] as string | number;
    const order =
      typeof one === 'string'
        ? Buffer.compare(Buffer.from(one), Buffer.from(other as string))
        : one - (other as number);
    if (order !== 0) return order;
  }
  return 0;
}

/** A page of rows: all of them put in order, and cut. */
function cut<Row>(rows: readonly Row[], keyOf: (row: Row) => Key, descending: boolean, page: Page<Key>): Listed<Row> {
  const sign = descending ? -1 : 1;
  const { after, before, limit, fromEnd } = page;
  const span = rows
    .toSorted((a, b) => sign * compare(keyOf(a), keyOf(b)))
    .filter((row) => !after || sign * compare(keyOf(row), after) > 0)
    .filter((row) => !before || sign * compare(keyOf(row), before) < 0);
  return {
    rows: fromEnd ? span.slice(Math.max(0, span.length - limit)) : span.slice(0, limit),
    hasMore: span.length > limit,
  };
}

export const flatPlace = (flat: Flat, by: FlatSort['by']): FlatPosition =>
  by === 'INTERCOM' ? [flat.intercomId, flat.flat] : [flat.updatedAt, flat.id];

export function flatsOf(model: Model, filter: FlatFilter, sort: FlatSort, page: Page<FlatPosition>): Listed<Flat> {
  const wanted = model.flats.filter(
    (it) =>
      (filter.flatIds === undefined || filter.flatIds.includes(it.id)) &&
      (filter.intercomId === undefined || it.intercomId === filter.intercomId) &&
      (filter.flat === undefined || it.flat === filter.flat) &&
      (filter.flatFrom === undefined || it.flat >= filter.flatFrom) &&
      (filter.flatTo === undefined || it.flat <= filter.flatTo) &&
      LINES.every((line) => filter.lines[line] === undefined || it.lines[line] === filter.lines[line]) &&
      (filter.keyCode === undefined || it.keys.includes(filter.keyCode)) &&
      (filter.userLogin === undefined || it.users.includes(filter.userLogin)) &&
      (filter.userLoginPrefix === undefined ||
        it.users.some((login) => login.startsWith(filter.userLoginPrefix ?? ''))) &&
      (filter.intercomTitle === undefined ||
        foldTitle(model.titles.get(it.intercomId) as string).includes(foldTitle(filter.intercomTitle))) &&
      (filter.changedSince === undefined || it.updatedAt >= filter.changedSince),
  );
  const flats = wanted.map(({ keys, users, ...flat }): Flat => flat);
  return cut(flats, (it) => flatPlace(it, sort.by), sort.descending, page);
}

export const intercomPlace = ({ id, title }: Intercom, by: IntercomSort['by']): readonly [string, number] =>
  by === 'ID' ? ['', id] : [foldTitle(title), id];

/** An intercom as placing its flats makes it: its range is the one that they span. */
export function intercomOf({ titles, flats }: Model, id: number): Intercom {
  const numbers = flats.filter((it) => it.intercomId === id).map((it) => it.flat);
  const range = { from: Math.min(...numbers), to: Math.max(...numbers) };
  return { id, title: titles.get(id) as string, externalId: null, range };
}

export function intercomsOf(
  model: Model,
  filter: IntercomFilter,
  sort: IntercomSort,
  page: Page<readonly [string, number]>,
): Listed<Intercom> {
  const intercoms = [...model.titles].map(([id]) => intercomOf(model, id));
  const wanted = intercoms.filter(
    ({ id, title }) =>
      (filter.id === undefined || id === filter.id) &&
      (filter.title === undefined || foldTitle(title).includes(foldTitle(filter.title))),
  );
  return cut(wanted, (it) => intercomPlace(it, sort.by), sort.descending, page);
}

const isOfFlat = (change: Change, { flatId, flatIn }: ChangeFilter): boolean =>
  'flatId' in change
    ? change.flatId === flatId
    : flatIn?.intercomId === change.intercomId && movesFlat(change, flatIn.flat);

export function changesOf(
  model: Model,
  filter: ChangeFilter,
  { after, before, ...page }: Page<number>,
): Listed<Change> {
  const wanted = model.changes.filter(
    (it) =>
      (filter.intercomId === undefined || it.intercomId === filter.intercomId) &&
      (filter.kinds ? filter.kinds.includes(it.kind) : it.kind === 'LINES_SET') &&
      (filter.flatId === undefined || isOfFlat(it, filter)) &&
      (filter.changeSet === undefined || it.changeSet === filter.changeSet) &&
      (filter.actor === undefined || it.actor === filter.actor) &&
      (filter.channel === undefined || it.channel === filter.channel) &&
      (filter.from === undefined || it.changedAt >= filter.from) &&
      (filter.to === undefined || it.changedAt < filter.to),
  );
  return cut(wanted, (it) => [it.seq], false, {
    ...page,
    after: after === undefined ? undefined : [after],
    before: before === undefined ? undefined : [before],
  });
}

/** The change sets, as their first changes. */
export function changeSetsOf(model: Model, filter: ChangeSetFilter, page: Page<number>): Listed<Change> {
  const sets = { ...model, changes: model.changes.filter((it) => it.seq === it.changeSet) };
  return changesOf(sets, { ...filter, kinds: CHANGE_KINDS }, page);
}

/** What a change set did to lines. */
export function flatsOfSet({ flats, changes }: Model, changeSet: number): readonly FlatOfSet[] {
  const lines = changes.filter((it) => it.kind === 'LINES_SET');
  const own = lines.filter((it) => it.changeSet === changeSet);
  return own
    .filter((it, index) => own.findIndex(({ flatId }) => flatId === it.flatId) === index)
    .map(({ seq, flatId, before }) => {
      const { version, lines: now } = flats[flatId - 1] as Flat;
      const since = lines.filter((it) => it.flatId === flatId && it.seq > seq);
      return {
        ...{ flatId, before, now: { version, lines: now } },
        changedSince: since.find((it) => it.changeSet !== changeSet)?.seq,
      };
    });
}

export function statisticsOf(model: Model, intercomId: number | undefined, since: number): LineStatistics {
  const flats = model.flats.filter((it) => intercomId === undefined || it.intercomId === intercomId);
  return {
    flats: flats.length,
    changed: flats.filter((it) => it.version > 1 && it.updatedAt >= since).length,
    available: Object.fromEntries(
      LINES.map((line) => [line, flats.filter((it) => it.lines[line]).length]),
    ) as LineStatistics['available'],
    states: LINE_STATES.map((state) => flats.filter((it) => sameLines(it.lines, state)).length),
  };
}
