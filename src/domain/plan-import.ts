import type { ProvisionDraft } from './change.ts';
import { decideFlatId, decideIntercomRow, type RowOutcome, rangeWith } from './import-decision.ts';
import type { FlatRow, Row } from './import-row.ts';
import type { FlatRange, Intercom } from './intercom.ts';
import { ALL_AVAILABLE, type Lines, patchLines } from './lines.ts';
import type { Link } from './link-change.ts';
import { differencesOf, intercomChange, type LinksDifference } from './log-drafts.ts';

/** Pairs of a flat's id and a name. */
export type Links = readonly (readonly [flatId: number, name: string])[];

/** The greatest ids that intercoms and flats have ever had. */
export interface LastIds {
  readonly intercom: number;
  readonly flat: number;
}

/** What is stored of everything that the rows speak of, and of the intercoms whose external ids they ask for. */
export interface ImportFacts {
  readonly intercoms: readonly Intercom[];
  /** The numbers that the flats of intercoms span; one without flats is left out. */
  readonly spans: ReadonlyMap<number, FlatRange>;
  /** The record ids of flats, by `numberOf`. */
  readonly flats: ReadonlyMap<string, number>;
  /** Which of the record ids that rows ask for are taken. */
  readonly usedIds: ReadonlySet<number>;
  readonly last: LastIds;
  readonly keys: ReadonlyMap<number, readonly string[]>;
  readonly users: ReadonlyMap<number, readonly string[]>;
}

export interface NewFlat {
  readonly id: number;
  readonly intercomId: number;
  readonly flat: number;
  readonly lines: Lines;
}

/** The links of a kind that are written, after those of the cleared flats are removed. */
export interface LinkPlan {
  readonly cleared: readonly number[];
  readonly added: Links;
}

export interface ImportPlan {
  readonly outcomes: readonly RowOutcome[];
  readonly created: readonly Intercom[];
  readonly changed: readonly Intercom[];
  readonly flats: readonly NewFlat[];
  readonly keys: LinkPlan;
  readonly users: LinkPlan;
  readonly last: LastIds;
  /** What the log says of it. */
  readonly drafts: readonly ProvisionDraft[];
}

export const numberOf = (intercomId: number, flat: number): string => `${intercomId} ${flat}`;

/** Plans what an import of rows writes, each row on what those before it have left. Pure. */
export function planImport(rows: readonly Row[], facts: ImportFacts): ImportPlan {
  const intercoms = new Map(facts.intercoms.map((it) => [it.id, it]));
  const externalIds = new Set(facts.intercoms.flatMap(({ externalId }) => externalId ?? []));
  const spans = new Map(facts.spans);
  const flatIds = new Map(facts.flats);
  const usedIds = new Set(facts.usedIds);
  const known = new Set(intercoms.keys());
  const touched = new Set<number>();
  /** Intercoms as they were before the first row that changed them. */
  const changedFrom = new Map<number, Intercom | null>();
  const drafts: ProvisionDraft[] = [];
  const flats: NewFlat[] = [];
  const keys = createLinkPlanner('keys', facts.keys);
  const users = createLinkPlanner('users', facts.users);
  let { intercom: lastIntercom, flat: lastFlat } = facts.last;

  const decisionFacts = {
    isTaken: (externalId: string) => externalIds.has(externalId),
    hasFlatBelow: (intercomId: number, flat: number) => (spans.get(intercomId)?.from ?? flat) < flat,
    hasFlatAbove: (intercomId: number, flat: number) => (spans.get(intercomId)?.to ?? flat) > flat,
  };

  function importIntercom(row: Row) {
    const before = intercoms.get(row.intercomId);
    const decision = decideIntercomRow(row, before, decisionFacts);
    if (decision.kind === 'refused') return decision;
    const { kind, intercom } = decision;
    if (kind !== 'same' && !changedFrom.has(intercom.id)) changedFrom.set(intercom.id, before ?? null);
    const range = row.flat === undefined ? undefined : rangeWith(intercom.range, row.flat);
    if (kind === 'same' && !range) return decision;
    if (before && before.externalId !== null) externalIds.delete(before.externalId);
    if (intercom.externalId !== null) externalIds.add(intercom.externalId);
    intercoms.set(intercom.id, range ? { ...intercom, range } : intercom);
    touched.add(intercom.id);
    lastIntercom = Math.max(lastIntercom, intercom.id);
    return decision;
  }

  function importFlat(row: FlatRow): RowOutcome {
    const number = numberOf(row.intercomId, row.flat);
    const isUsed = (id: number) => usedIds.has(id);
    const decision = decideFlatId(row, { known: flatIds.get(number), nextId: lastFlat + 1, isUsed });
    if (decision.kind === 'refused') return decision;
    const intercom = importIntercom(row);
    if (intercom.kind === 'refused') return intercom;
    const { flatId } = decision;
    const about = { reason: null, intercomId: row.intercomId, flatId, flat: row.flat } as const;
    if (decision.kind === 'existing') {
      const differences = [...keys.replace(flatId, row.keys), ...users.replace(flatId, row.users)];
      for (const it of differences) drafts.push({ ...about, ...it });
      return { kind: 'existing', flatId, intercom: intercom.kind, linksChanged: differences.length > 0 };
    }
    lastFlat = Math.max(lastFlat, flatId);
    flatIds.set(number, flatId);
    usedIds.add(flatId);
    const span = spans.get(row.intercomId);
    spans.set(row.intercomId, {
      from: Math.min(span?.from ?? row.flat, row.flat),
      to: Math.max(span?.to ?? row.flat, row.flat),
    });
    const lines = patchLines(ALL_AVAILABLE, row.lines);
    flats.push({ id: flatId, intercomId: row.intercomId, flat: row.flat, lines });
    drafts.push({ ...about, kind: 'FLAT_CREATED', lines, keys: row.keys ?? [], users: row.users ?? [] });
    keys.replace(flatId, row.keys);
    users.replace(flatId, row.users);
    return { kind: 'created', flatId, intercom: intercom.kind };
  }

  const outcomes = rows.map((row): RowOutcome => {
    if (row.flat !== undefined) return importFlat(row);
    const intercom = importIntercom(row);
    return intercom.kind === 'refused' ? intercom : { kind: 'intercom', intercom: intercom.kind };
  });
  const none = { flatsAdded: 0, flatsRemoved: 0 };
  const ofIntercoms = [...changedFrom].map(([id, was]) =>
    intercomChange(id, was, intercoms.get(id) ?? null, none, null),
  );
  const written = [...touched].map((id) => intercoms.get(id) as Intercom);
  return {
    outcomes,
    created: written.filter(({ id }) => !known.has(id)),
    changed: written.filter(({ id }) => known.has(id)),
    flats,
    keys: keys.plan(),
    users: users.plan(),
    last: { intercom: lastIntercom, flat: lastFlat },
    drafts: [...ofIntercoms, ...drafts],
  };
}

function createLinkPlanner(link: Link, stored: ReadonlyMap<number, readonly string[]>) {
  const wanted = new Map<number, readonly string[]>();
  return {
    /** Returns the names that come and go. */
    replace(flatId: number, names: readonly string[] | undefined): readonly LinksDifference[] {
      if (!names) return [];
      const differences = differencesOf(link, names, wanted.get(flatId) ?? stored.get(flatId) ?? []);
      if (differences.length > 0) wanted.set(flatId, names);
      return differences;
    },
    plan: (): LinkPlan => ({
      cleared: [...wanted.keys()].filter((id) => stored.has(id)),
      added: [...wanted].flatMap(([id, names]) => [...new Set(names)].map((name) => [id, name] as const)),
    }),
  };
}
