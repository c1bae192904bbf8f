import { setTimeout as sleep } from 'node:timers/promises';
import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { CHANGE_KINDS, type Change, type IntercomChange, type Origin } from '../../src/domain/change.ts';
import { newNumbers } from '../../src/domain/flat-range.ts';
import type { Row } from '../../src/domain/import-row.ts';
import { ALL_AVAILABLE, LINE_SPELLINGS, LINES, type Lines } from '../../src/domain/lines.ts';
import { updateBack } from '../../src/domain/undo-changes.ts';
import type { Update } from '../../src/domain/update-flat.ts';
import { createChangeFeed } from '../../src/operations/follow-changes.ts';
import {
  ChangesPrunedError,
  type Linked,
  type Outcome,
  type Store,
  UnusableDatabaseError,
} from '../../src/store/store.ts';
import { newDatabase, POSTGRES_BIN, query } from '../support/postgres.ts';
import { openPostgresStore } from '../support/postgres-world.ts';
import { until } from '../support/until.ts';

// Two instances do anything to the same few flats at the same time. The log then has to explain every answer and every row.

// RACE_SECONDS makes it longer, RACE_SEED repeats its choices (not its timing), and RACE_CUTS is how often connections are lost.
const SECONDS = Number(process.env['RACE_SECONDS'] ?? 3);
const CUTS = Number(process.env['RACE_CUTS'] ?? 2);
const WORKERS = 6;
const INTERCOMS = 6;
const FLATS = 12;
const NAMES = ['a', 'b', 'c', 'd', 'e'];
const EXTERNAL_IDS = ['x', 'y', 'z'];

/** Numbers that a seed repeats. */
function createRandom(seed: number) {
  let state = seed;
  const next = () => {
    state = (state + 0x6d2b79f5) | 0;
    let it = Math.imul(state ^ (state >>> 15), 1 | state);
    it ^= it + Math.imul(it ^ (it >>> 7), 61 | it);
    return ((it ^ (it >>> 14)) >>> 0) / 2 ** 32;
  };
  const int = (from: number, to: number) => from + Math.floor(next() * (to - from + 1));
  const pick = <T>(list: readonly T[]): T => list[int(0, list.length - 1)] as T;
  const some = <T>(list: readonly T[], max: number) => [
    ...new Set(Array.from({ length: int(1, max) }, () => pick(list))),
  ];
  return { int, pick, some, chance: (share: number) => next() < share };
}

interface Known {
  readonly id: number;
  readonly intercomId: number;
  readonly flat: number;
  readonly version: number;
  readonly lines: Lines;
  readonly keys: readonly string[];
  readonly users: readonly string[];
}

/** What an answer said, to be compared with what the log says of the moment of its row. */
interface Answers {
  readonly outcomes: Extract<Outcome, { kind: 'written' }>[];
  /** The ids of flats that were there, and that an answer did not find. */
  readonly missing: Set<number>;
  /** By the reason of the call. */
  readonly links: Map<string, Linked>;
  readonly provisioned: Map<
    string,
    { readonly flatsAdded: number; readonly flatsRemoved: number; readonly force: boolean }
  >;
}

/** Plays the log from its beginning, and compares each answer with the flats as they are after its row. */
function replay(log: readonly Change[], { outcomes, missing, links, provisioned }: Answers) {
  const flats = new Map<number, Known>();
  const intercoms = new Map<number, IntercomChange['after']>();
  const written = new Map(outcomes.map((it) => [it.change.seq, it]));
  let lastFlat = 0;
  const flatOf = (id: number) => flats.get(id) as Known;
  const ofIntercom = (id: number) => [...flats.values()].filter((it) => it.intercomId === id);

  function addFlat(id: number, intercomId: number, flat: number, more: Partial<Known> = {}) {
    expect(ofIntercom(intercomId).some((it) => it.flat === flat)).toBe(false);
    expect(flats.has(id)).toBe(false);
    flats.set(id, { id, intercomId, flat, version: 1, lines: ALL_AVAILABLE, keys: [], users: [], ...more });
    lastFlat = Math.max(lastFlat, id);
  }

  function playIntercom({ intercomId, before, after, flatsAdded, flatsRemoved, reason }: IntercomChange) {
    const now = intercoms.get(intercomId) ?? null;
    // An import widens a range by the flats that it makes.
    expect({ ...now, range: null }).toEqual({ ...before, range: null });
    if (after) intercoms.set(intercomId, after);
    else intercoms.delete(intercomId);
    const range = after?.range ?? null;
    const answer = provisioned.get(reason ?? '');
    let [added, removed] = [0, 0];
    if (flatsRemoved > 0) {
      for (const { id, flat, keys, users } of ofIntercom(intercomId)) {
        if (range && flat >= range.from && flat <= range.to) continue;
        if (answer && !answer.force) expect([...keys, ...users]).toEqual([]);
        flats.delete(id);
        removed++;
      }
    }
    if (flatsAdded > 0 && range) {
      const has = new Set(ofIntercom(intercomId).map((it) => it.flat));
      for (const { from, to } of newNumbers(range, before?.range ?? null)) {
        for (let flat = from; flat <= to; flat++) {
          if (has.has(flat)) continue;
          addFlat(lastFlat + 1, intercomId, flat);
          added++;
        }
      }
    }
    expect({ flatsAdded, flatsRemoved }).toEqual({ flatsAdded: added, flatsRemoved: removed });
    if (answer) expect(answer).toMatchObject({ flatsAdded, flatsRemoved });
  }

  function playLinks(change: Extract<Change, { names: unknown }>) {
    const field = change.kind.startsWith('KEYS') ? 'keys' : 'users';
    const isAttached = change.kind.endsWith('_ATTACHED');
    const flat = flatOf(change.flatId);
    const had = flat[field];
    expect(change.names.filter((it) => had.includes(it) === isAttached)).toEqual([]);
    const names = isAttached ? [...had, ...change.names] : had.filter((it) => !change.names.includes(it));
    flats.set(flat.id, { ...flat, [field]: names });
    const answer = links.get(change.reason ?? '');
    if (!answer) return;
    const { keys, users, version, lines } = flatOf(flat.id);
    expect(answer).toMatchObject({ count: change.names.length, flat: { version, lines } });
    expect(answer.flat).toMatchObject({ keyCount: keys.length, usersCount: users.length });
  }

  for (const [index, change] of log.entries()) {
    expect(change.seq).toBe(index + 1);
    expect(change.changedAt).toBeGreaterThanOrEqual(log[index - 1]?.changedAt ?? 0);
    switch (change.kind) {
      case 'LINES_SET': {
        const flat = flatOf(change.flatId);
        expect(change.before).toEqual(flat.lines);
        flats.set(flat.id, { ...flat, lines: change.after, version: flat.version + 1 });
        const answer = written.get(change.seq);
        if (answer) {
          expect(answer.change).toEqual(change);
          expect(answer.flat).toMatchObject({ version: flat.version + 1, lines: change.after });
          expect(answer.flat).toMatchObject({ keyCount: flat.keys.length, usersCount: flat.users.length });
        }
        break;
      }
      case 'FLAT_CREATED': {
        const { flatId, intercomId, flat, lines, keys, users } = change;
        addFlat(flatId, intercomId, flat, { lines, keys, users });
        break;
      }
      case 'INTERCOM_CREATED':
      case 'INTERCOM_CHANGED':
      case 'INTERCOM_DELETED':
        playIntercom(change);
        break;
      default:
        playLinks(change);
    }
  }
  // Ids are not used again, so that a flat that was not found is gone.
  expect([...flats.keys()].filter((id) => missing.has(id))).toEqual([]);
  const seqs = new Set(log.map((it) => it.seq));
  expect(outcomes.filter((it) => !seqs.has(it.change.seq))).toEqual([]);
  const reasons = new Set(log.map((it) => it.reason));
  expect([...links].filter(([reason, it]) => it.count > 0 && !reasons.has(reason))).toEqual([]);
  return { flats: [...flats.values()].toSorted((a, b) => a.id - b.id), lastFlat };
}

/** Whether the head counts the flats as they are; one statement, so of one moment. */
const COUNTED = `select (select counts from change_log)::text = (select array_agg(n order by mask)::text from (
  select mask, (select count(*) from flats where lines = mask) n from generate_series(0, 7) mask) c) same`;

const FLATS_NOW = `select f.id::int, f.intercom_id::int as "intercomId", f.flat, f.version::int,
  json_build_object(${LINES.map((line) => `'${line}', ${LINE_SPELLINGS[line].column}`).join(', ')}) as lines,
  array(select code from keys where flat_id = f.id order by code) as keys,
  array(select login from flat_users join users on users.id = user_id where flat_id = f.id order by login) as users
  from flats f order by f.id`;

describe.skipIf(POSTGRES_BIN === undefined)('two instances that do anything at once', () => {
  it('answer and store what the log says', { timeout: 300_000 + SECONDS * 5_000 }, async () => {
    const seed = Number(process.env['RACE_SEED'] ?? Date.now() % 1_000_000);
    const url = await newDatabase();
    const stores = await Promise.all([openPostgresStore(url), openPostgresStore(url)]);
    const answers: Answers = { outcomes: [], missing: new Set(), links: new Map(), provisioned: new Map() };
    const done = new Map<string, number>();
    const logs: Change[][] = [[], []];
    const followers = stores.map((store) => createChangeFeed(store).follow({ kinds: CHANGE_KINDS }, 0));
    const followed = followers.map(async (follower, index) => {
      for await (const change of follower) (logs[index] as Change[]).push(change);
    });
    const end = performance.now() + SECONDS * 1_000;
    let calls = 0;

    async function work(store: Store, random: ReturnType<typeof createRandom>) {
      const { int, pick, some, chance } = random;
      const origin: Origin = { actor: `actor ${int(1, 3)}`, channel: 'CLI' };
      let lastSet: number | undefined;
      const reason = () => `r${++calls}`;
      const anyRange = () => {
        const from = int(1, FLATS);
        return { from, to: int(from, FLATS) };
      };
      const flatIds = async () => [
        ...(
          await store.listFlats(
            { lines: {} },
            { by: 'INTERCOM', descending: false },
            { limit: 60, fromEnd: chance(0.5) },
          )
        ).rows,
      ];
      const patch = () => Object.fromEntries(some(LINES, 3).map((line) => [line, chance(0.5)]));
      const update = (known: readonly { readonly id: number; readonly version: number }[]): Update => {
        const flat = known.length > 0 && chance(0.6) ? pick(known) : undefined;
        const ref = flat
          ? ({ by: 'id', flatId: flat.id } as const)
          : ({ by: 'number', intercomId: int(1, INTERCOMS), flat: int(1, FLATS) } as const);
        const acceptedVersions = flat && chance(0.3) ? [flat.version] : undefined;
        return { ref, patch: patch(), acceptedVersions, reason: reason() };
      };
      const amend = async (updates: readonly Update[], options = {}) => {
        const outcomes = await store.amend(origin, updates, options);
        outcomes.forEach((it, index) => {
          const ref = updates[index]?.ref;
          const isMissing = it.kind === 'refused' && it.refusal.kind !== 'versionConflict';
          if (isMissing && ref?.by === 'id') answers.missing.add(ref.flatId);
        });
        const written = outcomes.filter((it) => it.kind === 'written');
        answers.outcomes.push(...written);
        if (written.length > 0) lastSet = written[0]?.change.changeSet;
      };
      const row = (): Row => {
        const intercomId = int(1, INTERCOMS + 2);
        const about = {
          ...(chance(0.2) && { intercomTitle: `t${int(1, 3)}` }),
          ...(chance(0.2) && { intercomExternalId: pick(EXTERNAL_IDS) }),
          ...(chance(0.1) && { intercomRange: { from: 1, to: int(1, FLATS + 3) } }),
        };
        if (chance(0.1)) return { intercomId, ...about };
        return {
          ...{ intercomId, ...about, flat: int(1, FLATS), lines: chance(0.5) ? patch() : {} },
          ...(chance(0.4) && { keys: chance(0.2) ? [] : some(NAMES, 3) }),
          ...(chance(0.4) && { users: chance(0.2) ? [] : some(NAMES, 3) }),
        };
      };
      const acts: Readonly<Record<string, () => Promise<unknown>>> = {
        async single() {
          await amend([update(await flatIds())]);
        },
        async bulk() {
          const known = await flatIds();
          const length = chance(0.1) ? 250 : int(2, 30);
          await amend(Array.from({ length }, () => update(known)));
        },
        async atomic() {
          const known = await flatIds();
          if (known.length === 0) return;
          const length = chance(0.1) ? 250 : int(2, 30);
          const updates = Array.from({ length }, (): Update => ({ ...update(known), acceptedVersions: undefined }));
          const existing = updates.filter((it) => it.ref.by === 'id');
          await amend(existing, { atomic: true });
        },
        async goOn() {
          if (lastSet === undefined) return;
          await amend([update(await flatIds()), update([])], { changeSet: lastSet });
        },
        async undo() {
          if (lastSet === undefined) return;
          const step = await store.scanChangeSet(lastSet, 0, 100);
          expect(step.others).toBeGreaterThanOrEqual(0);
          const flats = step.flats.filter((it) => it.now && it.changedSince === undefined);
          const updates = flats.flatMap((it) => (it.now ? updateBack(it, it.now.version, reason()) : []));
          if (updates.length > 0) await amend(updates);
        },
        async links() {
          const flat = pick(await flatIds());
          const ref = flat && chance(0.8) ? { by: 'id' as const, flatId: flat.id } : update([]).ref;
          const change = {
            link: pick(['keys', 'users'] as const),
            attach: chance(0.6),
            names: some(NAMES, 4),
            reason: reason(),
          };
          const answer = await store.changeLinks(origin, { ...change, ref });
          if (answer.kind === 'done') answers.links.set(change.reason, answer);
        },
        async import() {
          const rows = Array.from({ length: int(1, 15) }, row);
          const { changeSet } = await store.importRows(origin, rows, chance(0.3) ? lastSet : undefined);
          lastSet = changeSet ?? lastSet;
        },
        async add() {
          const about = { title: 'T', externalId: chance(0.3) ? pick(EXTERNAL_IDS) : null, reason: reason() };
          const answer = await store.addIntercom(origin, { ...about, range: anyRange(), lines: ALL_AVAILABLE });
          if (answer.kind === 'done') answers.provisioned.set(about.reason, { ...answer, force: false });
        },
        async amend() {
          const { from, to } = anyRange();
          const about = {
            ref: { by: 'id' as const, intercomId: int(1, INTERCOMS + 2) },
            force: chance(0.5),
            reason: reason(),
          };
          const answer = await store.amendIntercom(
            origin,
            chance(0.2)
              ? { kind: 'delete', ...about }
              : {
                  ...{ kind: 'update', ...about, lines: ALL_AVAILABLE },
                  title: chance(0.2) ? `t${int(1, 3)}` : undefined,
                  externalId: chance(0.3) ? pick([...EXTERNAL_IDS, null]) : undefined,
                  ...{ flatFrom: chance(0.6) ? from : undefined, flatTo: chance(0.6) ? to : undefined },
                },
          );
          if (answer.kind === 'done') answers.provisioned.set(about.reason, { ...answer, force: about.force });
        },
        async prune() {
          const seen = Math.min(...logs.map((it) => it.at(-1)?.seq ?? 0));
          await store.prune(seen - int(0, 200), int(1, 50));
        },
        async tokens() {
          const name = pick(['one', 'two']);
          const hash = Buffer.from(Array.from({ length: 32 }, () => int(0, 255)));
          if (chance(0.5)) await store.addToken(name, 'read', hash, chance(0.5) ? 1 : null);
          else await store.revokeToken(name);
          const [token] = await store.listTokens();
          if (token) await store.recordTokenUse(token.id);
          expect(
            (await store.listTokens()).filter((it) => it.name === name && it.revokedAt === null).length,
          ).toBeLessThan(2);
        },
        /** An instance that starts, and stops again. */
        async open() {
          const opened = await openPostgresStore(url);
          expect(opened.epoch).toBe(store.epoch);
          await opened[Symbol.asyncDispose]();
        },
        /** A connection that is lost, also in the middle of a commit. */
        async cut() {
          await query(
            url,
            `select pg_terminate_backend(pid) from pg_stat_activity
              where datname = current_database() and application_name = 'test' and state <> 'idle' order by random() limit 1`,
          );
        },
        async read() {
          expect((await query(url, COUNTED)).rows).toEqual([{ same: true }]);
          const ids: number[] = [];
          for await (const rows of store.exportRows())
            ids.push(...rows.flatMap((it) => ('flatId' in it ? (it.flatId ?? []) : [])));
          expect(new Set(ids).size).toBe(ids.length);
          await store.listChangeSets({ actor: origin.actor }, { limit: 5, fromEnd: chance(0.5) });
          await store.lineStatistics(undefined, 0, Date.now());
        },
      };
      const weights = {
        ...{ single: 60, bulk: 30, atomic: 20, goOn: 20, undo: 20, links: 50, import: 30, add: 4, amend: 20 },
        ...{ prune: 5, tokens: 5, read: 3, open: 1, cut: CUTS },
      };
      const bag = Object.entries(weights).flatMap(([name, weight]) => Array.from({ length: weight }, () => name));
      while (performance.now() < end) {
        const name = pick(bag);
        try {
          await acts[name]?.();
        } catch (error) {
          // An export, and a start, are not tried again.
          const isCut = error instanceof UnusableDatabaseError;
          if (!isCut && !(error instanceof ChangesPrunedError))
            throw new Error(`${name}, seed ${seed}`, { cause: error });
        }
        done.set(name, (done.get(name) ?? 0) + 1);
      }
    }

    const all = stores.flatMap((store, index) =>
      Array.from({ length: WORKERS }, (_, worker) => work(store, createRandom(seed + index * 100 + worker))),
    );
    const failed = (await Promise.allSettled(all)).flatMap((it) => (it.status === 'rejected' ? [it.reason] : []));
    expect(failed).toEqual([]);
    const head = await (stores[0] as Store).changesHead();
    await until(() => logs.every((it) => it.at(-1)?.seq === head));
    for (const follower of followers) follower.leave();
    await Promise.all(followed);
    for (const store of stores) await store[Symbol.asyncDispose]();

    expect(logs[1]).toEqual(logs[0]);
    const { flats, lastFlat } = replay(logs[0] as Change[], answers);
    const sorted = flats.map((it) => ({ ...it, keys: it.keys.toSorted(), users: it.users.toSorted() }));
    expect((await query(url, FLATS_NOW)).rows).toEqual(sorted);
    expect((await query(url, COUNTED)).rows).toEqual([{ same: true }]);
    expect((await query(url, 'select flat::int as last from ids')).rows).toEqual([{ last: lastFlat }]);
    // A session reports its deadlocks at its end.
    await sleep(200);
    const { rows } = await query(url, 'select deadlocks::int from pg_stat_database where datname = current_database()');
    expect(rows).toEqual([{ deadlocks: 0 }]);
    if (process.env['RACE_SECONDS'])
      process.stdout.write(
        `${inspect({ seed, head, flats: flats.length, done, calls, written: answers.outcomes.length })}\n`,
      );
  });
});
