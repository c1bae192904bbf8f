import type { Origin } from '../domain/change.ts';
import type { IntercomOutcome, RowOutcome } from '../domain/import-decision.ts';
import type { FlatRow, FlatRowError, ParsedRow, Row } from '../domain/import-row.ts';
import { LINES } from '../domain/lines.ts';
import { createSeenRows, type SeenRows } from '../domain/seen-rows.ts';
import type { Update } from '../domain/update-flat.ts';
import type { Outcome, Store } from '../store/store.ts';

/**
 * The most flats, keys and users of one commit: small enough that others do not wait long for it, and large enough that its cost does not
 * matter.
 */
const CHUNK_SIZE = 200;

/** The outcome of an import: of its rows, and of the intercoms and flats in them. */
export interface ImportSummary {
  readonly rows: number;
  readonly intercomsCreated: number;
  /** Intercoms that existed and got another title, external id or range. */
  readonly intercomsChanged: number;
  readonly flatsCreated: number;
  /** Flats that existed and got other lines, keys or users. */
  readonly flatsChanged: number;
  /** Rows that changed nothing. */
  readonly unchanged: number;
  readonly refused: number;
}

/** What an import needs of a store. */
export type RowStore = Pick<Store, 'importRows' | 'amend'>;

/** Called for every refused row, in the order of the rows. */
export type ReportRefused = (line: number, errors: readonly FlatRowError[]) => void;

interface Accepted {
  readonly kind: 'flatCreated' | 'flatChanged' | 'flatSame' | 'noFlat';
  readonly intercom: IntercomOutcome;
}
type Verdict = Accepted | { readonly kind: 'refused'; readonly errors: readonly FlatRowError[] };

/**
 * Imports the flats of a file, chunk by chunk: creates new ones, and changes existing ones by the same write as every door.
 * A refused row does not stop the others; what is committed stays, whatever follows. `onDone` is called with what was
 * done so far, after each chunk.
 */
export async function importFlats(
  store: RowStore,
  origin: Origin,
  batches: AsyncIterable<readonly ParsedRow[]>,
  report: ReportRefused,
  onDone: (summary: ImportSummary) => void = () => {},
): Promise<ImportSummary> {
  const seen = createSeenRows();
  /** All of the import is one change set, which its first change begins. */
  let changeSet: number | undefined;
  const intercoms = { created: new Set<number>(), changed: new Set<number>() };
  const counts = { rows: 0, flatsCreated: 0, flatsChanged: 0, unchanged: 0, refused: 0 };

  function summary(): ImportSummary {
    const { rows, ...others } = counts;
    return { rows, intercomsCreated: intercoms.created.size, intercomsChanged: intercoms.changed.size, ...others };
  }

  function count(parsed: ParsedRow, verdict: Verdict): void {
    if (verdict.kind === 'refused') {
      counts.refused++;
      report(parsed.line, verdict.errors);
      return;
    }
    const { intercomId } = (parsed as { readonly row: Row }).row;
    if (verdict.intercom === 'created') intercoms.created.add(intercomId);
    else if (verdict.intercom === 'changed' && !intercoms.created.has(intercomId)) intercoms.changed.add(intercomId);
    if (verdict.kind === 'flatCreated') counts.flatsCreated++;
    else if (verdict.kind === 'flatChanged') counts.flatsChanged++;
    else if (verdict.intercom === 'same') counts.unchanged++;
  }

  for await (const batch of batches) {
    for (const rows of chunksOf(batch)) {
      const chunk = await importChunk(store, origin, seen, rows, changeSet);
      const { verdicts } = chunk;
      changeSet = chunk.changeSet;
      counts.rows += rows.length;
      rows.forEach((row, index) => {
        count(row, verdicts[index] as Verdict);
      });
      onDone(summary());
    }
  }
  return summary();
}

function* chunksOf(batch: readonly ParsedRow[]): Generator<readonly ParsedRow[], void> {
  let start = 0;
  let size = 0;
  for (const [index, parsed] of batch.entries()) {
    const own = sizeOf(parsed);
    if (index > start && size + own > CHUNK_SIZE) {
      yield batch.slice(start, index);
      start = index;
      size = 0;
    }
    size += own;
  }
  if (start < batch.length) yield batch.slice(start);
}

/** How much a row has the store write. */
function sizeOf(parsed: ParsedRow): number {
  if (!('row' in parsed) || parsed.row.flat === undefined) return 1;
  const { keys = [], users = [] } = parsed.row;
  return 1 + keys.length + users.length;
}

async function importChunk(
  store: RowStore,
  origin: Origin,
  seen: SeenRows,
  parsed: readonly ParsedRow[],
  begun: number | undefined,
): Promise<{ readonly verdicts: readonly Verdict[]; readonly changeSet: number | undefined }> {
  const verdicts = new Array<Verdict>(parsed.length);
  const good: { readonly index: number; readonly row: Row }[] = [];
  parsed.forEach((it, index) => {
    const errors = 'row' in it ? seen.add(it.row) : it.errors;
    if ('row' in it && errors.length === 0) good.push({ index, row: it.row });
    else verdicts[index] = { kind: 'refused', errors };
  });
  if (good.length === 0) return { verdicts, changeSet: begun };

  const imported = await store.importRows(
    origin,
    good.map((it) => it.row),
    begun,
  );
  const updates: { readonly index: number; readonly update: Update }[] = [];
  good.forEach(({ index, row }, i) => {
    const outcome = imported.outcomes[i] as RowOutcome;
    if (outcome.kind === 'refused') verdicts[index] = { kind: 'refused', errors: [outcome.error] };
    else verdicts[index] = toVerdict(outcome);
    if (outcome.kind === 'existing' && row.flat !== undefined && LINES.some((line) => row.lines[line] !== undefined)) {
      updates.push({ index, update: updateOf(row) });
    }
  });
  if (updates.length === 0) return { verdicts, changeSet: imported.changeSet };

  const outcomes = await store.amend(
    origin,
    updates.map((it) => it.update),
    { changeSet: imported.changeSet },
  );
  updates.forEach(({ index }, i) => {
    const kind = outcomes[i]?.kind;
    if (kind === 'written') verdicts[index] = { ...(verdicts[index] as Accepted), kind: 'flatChanged' };
    else if (kind === 'refused') verdicts[index] = { kind: 'refused', errors: [{ column: 'flat', reason: 'gone' }] };
  });
  return { verdicts, changeSet: imported.changeSet ?? setOf(outcomes) };
}

/** The change set of updates, if one of them changed something. */
const setOf = (outcomes: readonly Outcome[]): number | undefined =>
  outcomes.find((it) => it.kind === 'written')?.change.changeSet;

function toVerdict(outcome: Exclude<RowOutcome, { kind: 'refused' }>): Accepted {
  const { intercom } = outcome;
  if (outcome.kind === 'intercom') return { kind: 'noFlat', intercom };
  if (outcome.kind === 'created') return { kind: 'flatCreated', intercom };
  return { kind: outcome.linksChanged ? 'flatChanged' : 'flatSame', intercom };
}

/** Sets the lines that the row gives. Its flat was there a moment ago, so only its deletion can refuse the update. */
const updateOf = ({ intercomId, flat, lines }: FlatRow): Update => ({
  ref: { by: 'number', intercomId, flat },
  patch: lines,
  acceptedVersions: undefined,
  reason: null,
});
