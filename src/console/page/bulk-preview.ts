import { AskError, ask } from './ask.ts';
import { selectionOf } from './flats-filter.ts';
import { fieldOf, hasLine, isSame, isSilent, LINES, type Line, type Patch, patched, patchFields } from './lines.ts';
import { texts } from './locale.ts';
import { type FlatRowFragment, type IntercomFlatFilter, UpdateWhere } from './operations.ts';

/** What a change of many flats would do. */
export interface Preview {
  readonly matched: number;
  readonly changed: number;
  /** Flats that ring now, and would not. */
  readonly silent: number;
  /** In how many flats each line of the change is on. */
  readonly lines: readonly { readonly line: Line; readonly before: number; readonly after: number }[];
}

/** Of flats that are on the screen. */
export function previewRows(rows: readonly FlatRowFragment[], patch: Patch): Preview {
  const count = (isSo: (row: FlatRowFragment) => boolean) => rows.filter(isSo).length;
  return {
    matched: rows.length,
    changed: count(({ properties }) => !isSame(properties, patched(properties, patch))),
    silent: count(({ properties }) => !isSilent(properties) && isSilent(patched(properties, patch))),
    lines: linesOf(patch).map((line) => ({
      line,
      before: count(({ properties }) => hasLine(properties, line)),
      after: count(({ properties }) => hasLine(patched(properties, patch), line)),
    })),
  };
}

const linesOf = (patch: Patch) => LINES.filter((it) => patch[it] !== undefined);

/** Of all flats that match, by dry runs: their numbers are exact, however many flats there are. */
export async function previewWhere(filter: IntercomFlatFilter, patch: Patch, signal: AbortSignal): Promise<Preview> {
  const all = await dryRun(filter, patch, signal);
  const lines: { line: Line; before: number; after: number }[] = [];
  for (const line of linesOf(patch)) {
    // Those in which the line is not yet as it shall be.
    const narrowed = narrow(filter, [line], !patch[line]);
    const differ = narrowed ? (await dryRun(narrowed, patch, signal)).matched : 0;
    lines.push(
      patch[line] ? { line, before: all.matched - differ, after: all.matched } : { line, before: differ, after: 0 },
    );
  }
  return { ...all, lines };
}

/** The filter with these lines as well; `undefined` when it contradicts them. */
function narrow(filter: IntercomFlatFilter, lines: readonly Line[], isOn: boolean): IntercomFlatFilter | undefined {
  if (lines.some((it) => filter[fieldOf(it)] === !isOn)) return undefined;
  return { ...filter, ...Object.fromEntries(lines.map((it) => [fieldOf(it), isOn])) };
}

async function dryRun(filter: IntercomFlatFilter, patch: Patch, signal: AbortSignal) {
  const input = { ...selectionOf(filter), ...patchFields(patch), dryRun: true };
  const { updateIntercomFlatsWhere: answer } = await ask(UpdateWhere, { input }, signal);
  if (answer.__typename === 'ValidationError') throw new AskError('other', answer.message);
  if (answer.stoppedBy !== null) throw new AskError('busy', texts.value.bulk.noPreview);
  return { matched: answer.matched, changed: answer.changed, silent: answer.leftSilent };
}
