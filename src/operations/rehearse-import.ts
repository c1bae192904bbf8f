import type { Row } from '../domain/import-row.ts';
import { type FlatRange, type Intercom, widened } from '../domain/intercom.ts';
import { numberOf, planImport } from '../domain/plan-import.ts';
import { decideUpdate, type Update } from '../domain/update-flat.ts';
import type { Outcome, Reads } from '../store/store.ts';
import { giveWay } from './give-way.ts';
import type { RowStore } from './import-flats.ts';

/** A chunk is planned in some milliseconds; a request that arrives needs several turns, and gets them before the next one. */
const LONGEST_PAUSE_MS = 50;

const BY_NUMBER = { by: 'INTERCOM', descending: false } as const;

/** Record ids, of which files mostly have long runs: a million of them take no memory. */
function createTakenIds() {
  const runs: { from: number; to: number }[] = [];
  const others = new Set<number>();
  return {
    add(id: number): void {
      const last = runs.at(-1);
      if (!last || id > last.to + 1) runs.push({ from: id, to: id });
      else if (id === last.to + 1) last.to = id;
      else others.add(id);
    },
    has(id: number): boolean {
      let [low, high] = [0, runs.length];
      while (low < high) {
        const middle = (low + high) >> 1;
        if ((runs[middle]?.to ?? id) < id) low = middle + 1;
        else high = middle;
      }
      return (runs[low]?.from ?? Number.POSITIVE_INFINITY) <= id || others.has(id);
    },
  };
}

/**
 * A store that imports nothing, and reports what the import of one file would do: each chunk of rows is planned on what is
 * stored, and on what the chunks before it would have left. Of those it remembers the intercoms, and which record ids are taken.
 */
export function createRehearsal(store: Reads): RowStore {
  const intercoms = new Map<number, Intercom>();
  const owners = new Map<string, number>();
  const spans = new Map<number, FlatRange>();
  const taken = createTakenIds();
  let lastFlat: number | undefined;

  async function findIntercoms(rows: readonly Row[]): Promise<readonly Intercom[]> {
    const externalIds = new Set(rows.flatMap((it) => it.intercomExternalId ?? []));
    const found = await Promise.all(
      [...externalIds].map((externalId) => store.findIntercom({ by: 'externalId', externalId })),
    );
    const ids = new Set([
      ...rows.map((it) => it.intercomId),
      ...found.flatMap((it) => it?.id ?? []),
      ...[...externalIds].flatMap((it) => owners.get(it) ?? []),
    ]);
    const stored = await store.intercomsById([...ids].filter((id) => !intercoms.has(id)));
    return [...ids].flatMap((id) => intercoms.get(id) ?? stored.get(id) ?? []);
  }

  /** The numbers that the flats of an intercom span, stored ones and new ones. */
  async function spanOf(intercomId: number): Promise<readonly (readonly [number, FlatRange])[]> {
    const [first, last] = await Promise.all(
      [false, true].map(async (fromEnd) => {
        const { rows } = await store.listFlats({ intercomId, lines: {} }, BY_NUMBER, { limit: 1, fromEnd });
        return rows[0]?.flat;
      }),
    );
    const added = spans.get(intercomId);
    const numbers = [first, last, added?.from, added?.to].filter((it) => it !== undefined);
    return numbers.length === 0 ? [] : [[intercomId, { from: Math.min(...numbers), to: Math.max(...numbers) }]];
  }

  async function factsOf(rows: readonly Row[]) {
    const flatRows = rows.filter((it) => it.flat !== undefined);
    const asked = flatRows.flatMap((it) => it.flatId ?? []);
    const ranged = [...new Set(rows.flatMap((it) => (it.intercomRange ? it.intercomId : [])))];
    lastFlat ??= await store.lastFlatId();
    const [known, foundFlats, foundSpans, usedIds] = await Promise.all([
      findIntercoms(rows),
      Promise.all(flatRows.map(({ intercomId, flat }) => store.findFlat({ by: 'number', intercomId, flat }))),
      Promise.all(ranged.map(spanOf)),
      store.flatsById(asked),
    ]);
    const flats = foundFlats.filter((it) => it !== undefined);
    const ids = flats.map((it) => it.id);
    const [keys, users] = await Promise.all([store.keysOf(ids), store.usersOf(ids)]);
    return {
      intercoms: known,
      spans: new Map(foundSpans.flat()),
      flats: new Map(flats.map((it) => [numberOf(it.intercomId, it.flat), it.id])),
      usedIds: new Set([...usedIds.keys(), ...asked.filter(taken.has)]),
      last: { intercom: 0, flat: lastFlat },
      keys,
      users,
    };
  }

  /** What the store would do to a flat that exists; `written` without the row of the log that it would get. */
  async function rehearse(update: Update): Promise<Outcome> {
    const flat = await store.findFlat(update.ref);
    const decision = decideUpdate(update, flat ? { kind: 'flat', flat } : { kind: 'noFlat' });
    if (decision.kind === 'refuse') return { kind: 'refused', refusal: decision.refusal };
    if (decision.kind === 'keep') return { kind: 'kept', flat: decision.flat };
    const { lines } = decision;
    const { id: flatId, intercomId, flat: number } = decision.flat;
    const about = {
      seq: 0,
      changedAt: 0,
      actor: '',
      channel: 'IMPORT',
      reason: null,
      changeSet: 0,
      flatId,
      intercomId,
      flat: number,
    } as const;
    const change = { kind: 'LINES_SET', ...about, before: decision.flat.lines, after: lines } as const;
    return { kind: 'written', flat: { ...decision.flat, lines }, change };
  }

  return {
    async importRows(_, rows) {
      await giveWay(LONGEST_PAUSE_MS);
      const { outcomes, created, changed, flats, last } = planImport(rows, await factsOf(rows));
      lastFlat = last.flat;
      for (const it of [...created, ...changed]) {
        const before = intercoms.get(it.id)?.externalId;
        if (before != null) owners.delete(before);
        if (it.externalId !== null) owners.set(it.externalId, it.id);
        intercoms.set(it.id, it);
      }
      for (const { id, intercomId, flat } of flats) {
        spans.set(intercomId, widened(spans.get(intercomId) ?? null, flat));
        taken.add(id);
      }
      return { outcomes, changeSet: undefined };
    },
    amend: (_, updates) => Promise.all(updates.map(rehearse)),
  };
}
