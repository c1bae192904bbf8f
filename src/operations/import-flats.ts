import type { Origin } from '../domain/change.ts';
import type { FlatRow, FlatRowError, ParsedRow } from '../domain/flat-row.ts';
import { LINES } from '../domain/lines.ts';
import { type SeenRows, seenRows } from '../domain/seen-rows.ts';
import { decideUpdate } from '../domain/update.ts';
import type { Edit, Store } from '../store/store.ts';

/** Few enough for a commit that others need not wait for long, and enough for its cost to vanish. */
const CHUNK = 1_000;

/** What became of the rows; every row is counted once, beside the intercoms. */
export interface ImportSummary {
  readonly rows: number;
  readonly intercomsCreated: number;
  readonly flatsCreated: number;
  /** Flats that existed and got other lines, keys, users or another title of their intercom. */
  readonly flatsChanged: number;
  readonly unchanged: number;
  readonly refused: number;
}

/** Told of every refused row, in the order of the rows. */
export type ReportRefused = (line: number, errors: readonly FlatRowError[]) => void;

type Verdict =
  | { readonly kind: 'created'; readonly intercomCreated: boolean }
  | { readonly kind: 'changed' | 'unchanged' }
  | { readonly kind: 'refused'; readonly errors: readonly FlatRowError[] };

/**
 * Brings the flats of a file into the store, chunk by chunk: makes what is new, and changes what exists by the same
 * write as every door. A refused row does not stop the others; what is committed stays, whatever comes after.
 */
export async function importFlats(
  store: Store,
  origin: Origin,
  batches: AsyncIterable<readonly ParsedRow[]>,
  report: ReportRefused,
): Promise<ImportSummary> {
  const seen = seenRows();
  const summary = { rows: 0, intercomsCreated: 0, flatsCreated: 0, flatsChanged: 0, unchanged: 0, refused: 0 };
  for await (const batch of batches) {
    for (let start = 0; start < batch.length; start += CHUNK) {
      const rows = batch.slice(start, start + CHUNK);
      const verdicts = await importChunk(store, origin, seen, rows);
      summary.rows += rows.length;
      verdicts.forEach((verdict, index) => {
        switch (verdict.kind) {
          case 'created':
            summary.flatsCreated++;
            if (verdict.intercomCreated) summary.intercomsCreated++;
            break;
          case 'changed':
            summary.flatsChanged++;
            break;
          case 'unchanged':
            summary.unchanged++;
            break;
          case 'refused':
            summary.refused++;
            report((rows[index] as ParsedRow).line, verdict.errors);
        }
      });
    }
  }
  return summary;
}

async function importChunk(
  store: Store,
  origin: Origin,
  seen: SeenRows,
  parsed: readonly ParsedRow[],
): Promise<readonly Verdict[]> {
  const verdicts = new Array<Verdict>(parsed.length);
  const good: { readonly index: number; readonly row: FlatRow }[] = [];
  parsed.forEach((it, index) => {
    const errors = 'row' in it ? seen.add(it.row) : it.errors;
    if ('row' in it && errors.length === 0) good.push({ index, row: it.row });
    else verdicts[index] = { kind: 'refused', errors };
  });
  if (good.length === 0) return verdicts;

  const placements = await store.place(good.map((it) => it.row));
  const edits: { readonly index: number; readonly edit: Edit }[] = [];
  good.forEach(({ index, row }, i) => {
    const placement = placements[i] as (typeof placements)[number];
    if (placement.kind === 'created') verdicts[index] = placement;
    else if (placement.kind === 'refused') verdicts[index] = { kind: 'refused', errors: [placement.error] };
    else {
      verdicts[index] = { kind: placement.detailsChanged ? 'changed' : 'unchanged' };
      if (LINES.some((line) => row.lines[line] !== undefined)) edits.push({ index, edit: editOf(row) });
    }
  });
  if (edits.length === 0) return verdicts;

  const outcomes = await store.amend(
    origin,
    edits.map((it) => it.edit),
  );
  edits.forEach(({ index }, i) => {
    const kind = outcomes[i]?.kind;
    if (kind === 'written') verdicts[index] = { kind: 'changed' };
    else if (kind === 'refused') verdicts[index] = { kind: 'refused', errors: [{ column: 'flat', reason: 'gone' }] };
  });
  return verdicts;
}

/** Sets the lines that the row gives. Its flat was there a moment ago, so only its deletion can speak against it. */
function editOf({ intercomId, flat, lines }: FlatRow): Edit {
  const ref = { by: 'number', intercomId, flat } as const;
  const update = { ref, patch: lines, acceptedVersions: undefined, reason: null };
  return { ref, decide: (found) => decideUpdate(update, found) };
}
