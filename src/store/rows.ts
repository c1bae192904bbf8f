import type {
  Channel,
  IntercomChange,
  LinesChange,
  LinksChange,
  ProvisionChange,
  ProvisionDraft,
  ProvisionKind,
} from '../domain/change.ts';
import type { Flat } from '../domain/flat.ts';
import type { FlatRow, Row } from '../domain/import-row.ts';
import type { Intercom } from '../domain/intercom.ts';
import {
  hasLines,
  LINE_STATES,
  LINES,
  type LineStatistics,
  type Lines,
  type LinesPatch,
  linesFrom,
} from '../domain/lines.ts';
import type { Token } from '../domain/token.ts';

export function toFlat(columns: readonly unknown[]): Flat {
  const [id, flat, intercomId, keyCount, usersCount, version, updatedAt] = columns as [
    ...[id: number, flat: number, intercomId: number, keyCount: number, usersCount: number],
    ...[version: number, updatedAt: number],
  ];
  const lines = toLines(columns, 7);
  return { id, flat, intercomId, keyCount, usersCount, lines, version, updatedAt };
}

/** Decodes lines from a row that has their columns from `start` on, in the order of `LINES`. */
export const toLines = (columns: readonly unknown[], start: number): Lines =>
  linesFrom((_, index) => Boolean(columns[start + index]));

const BEFORE = 9;
const AFTER = BEFORE + LINES.length;

export function toChange(columns: readonly unknown[]): LinesChange {
  const [seq, changedAt, actor, channel, reason, changeSet, flatId, intercomId, flat] = columns as [
    ...[seq: number, changedAt: number, actor: string, channel: Channel, reason: string | null, changeSet: number],
    ...[flatId: number, intercomId: number, flat: number],
  ];
  return {
    kind: 'LINES_SET',
    seq,
    changedAt,
    actor,
    channel,
    reason,
    changeSet,
    flatId,
    intercomId,
    flat,
    before: toLines(columns, BEFORE),
    after: toLines(columns, AFTER),
  };
}

/** What a row of each kind says beside its columns; `lines` are a bit for each, as in `flats`, and empty lists are left out. */
interface Details {
  readonly created: { readonly lines: number; readonly keys?: readonly string[]; readonly users?: readonly string[] };
  readonly links: Pick<LinksChange, 'names'>;
  readonly intercom: Pick<IntercomChange, 'before' | 'after' | 'flatsAdded' | 'flatsRemoved'>;
}

export function detailsOf(draft: ProvisionDraft): Details[keyof Details] {
  if (draft.kind === 'FLAT_CREATED') {
    const { lines, keys, users } = draft;
    return { lines: maskOf(lines), ...(keys.length > 0 && { keys }), ...(users.length > 0 && { users }) };
  }
  if ('names' in draft) return { names: draft.names };
  const { before, after, flatsAdded, flatsRemoved } = draft;
  return { before, after, flatsAdded, flatsRemoved };
}

export function toProvision(columns: readonly unknown[]): ProvisionChange {
  const [seq, changedAt, actor, channel, reason, changeSet, kind, intercomId, flatId, flat, details] = columns as [
    ...[seq: number, changedAt: number, actor: string, channel: Channel, reason: string | null, changeSet: number],
    ...[kind: ProvisionKind, intercomId: number, flatId: number, flat: number, details: string],
  ];
  const row = { seq, changedAt, actor, channel, reason, changeSet, intercomId };
  if (kind === 'FLAT_CREATED') {
    const { lines, keys = [], users = [] } = JSON.parse(details) as Details['created'];
    return { ...row, kind, flatId, flat, lines: LINE_STATES[lines] as Lines, keys, users };
  }
  if (kind === 'INTERCOM_CREATED' || kind === 'INTERCOM_CHANGED' || kind === 'INTERCOM_DELETED') {
    return { ...row, kind, ...(JSON.parse(details) as Details['intercom']) };
  }
  return { ...row, kind, flatId, flat, ...(JSON.parse(details) as Details['links']) };
}

/** The number of a state of the lines. */
export const maskOf = (lines: Lines): number =>
  LINES.reduce((mask, line, bit) => (lines[line] ? mask + 2 ** bit : mask), 0);

// The column `lines` of `flats` holds all lines as one number, a bit for each. A condition on lines is then a list of such
// numbers, each of them one range of an index.

/** The numbers of all states in which the lines are as wanted. */
export function masksOf(wanted: LinesPatch): readonly number[] {
  return LINE_STATES.flatMap((lines, mask) => (hasLines(lines, wanted) ? [mask] : []));
}

export const toIntercom = ([id, title, externalId, from, to]: readonly unknown[]): Intercom => ({
  id: id as number,
  title: title as string,
  externalId: externalId as string | null,
  range: from === null ? null : { from: from as number, to: to as number },
});

export const toToken = ([id, name, scope, createdAt, lastUsedAt, revokedAt, expiresAt]: readonly unknown[]): Token => ({
  id: id as number,
  name: name as string,
  scope: scope as Token['scope'],
  createdAt: createdAt as number,
  lastUsedAt: lastUsedAt as number | null,
  revokedAt: revokedAt as number | null,
  expiresAt: expiresAt as number | null,
});

/** Rows of an id and a name, gathered by id. */
export function gatherNames(rows: readonly (readonly unknown[])[]): ReadonlyMap<number, readonly string[]> {
  const names = new Map<number, string[]>();
  for (const [id, name] of rows as [number, string][]) {
    const known = names.get(id);
    if (known) known.push(name);
    else names.set(id, [name]);
  }
  return names;
}

/** Decodes the numbers of flats in each state of the lines, after which comes the number of changed ones. */
export function toLineStatistics(counts: readonly number[]): LineStatistics {
  const masks = masksOf({});
  const sum = (of: readonly number[]) => of.reduce((total, mask) => total + (counts[mask] as number), 0);
  return {
    flats: sum(masks),
    changed: counts[masks.length] as number,
    available: Object.fromEntries(
      LINES.map((line) => [line, sum(masksOf({ [line]: true }))]),
    ) as LineStatistics['available'],
    states: counts.slice(0, masks.length),
  };
}

/** An intercom with one of its flats, or alone, as a row that an import restores. */
export function toRow(
  { id, title, externalId, range }: Intercom,
  flatId: number | null,
  { flat, lines, keys, users }: Required<Pick<FlatRow, 'flat' | 'keys' | 'users'>> & { readonly lines: Lines },
): Row {
  const intercom = {
    intercomId: id,
    intercomTitle: title,
    ...(externalId !== null && { intercomExternalId: externalId }),
    ...(range && { intercomRange: range }),
  };
  if (flatId === null) return intercom;
  return { ...intercom, flat, flatId, lines, ...(keys.length > 0 && { keys }), ...(users.length > 0 && { users }) };
}
