import { LINE_SPELLINGS, LINES, type Line } from '../../domain/lines.ts';
import { texts } from './locale.ts';
import type { LinesFragment } from './operations.ts';

export { LINES, type Line };
/** The lines of a flat, as the service spells them. */
export type FlatLines = LinesFragment;

export const fieldOf = (line: Line) => LINE_SPELLINGS[line].graphql;

export const hasLine = (lines: FlatLines, line: Line): boolean => lines[fieldOf(line)];

export const isSilent = (lines: FlatLines): boolean => LINES.every((it) => !hasLine(lines, it));

export const isSame = (a: FlatLines, b: FlatLines): boolean => LINES.every((it) => hasLine(a, it) === hasLine(b, it));

/** What rings, in words. */
export const linesText = (lines: FlatLines): string =>
  isSilent(lines)
    ? texts.value.nothingRings
    : LINES.filter((it) => hasLine(lines, it))
        .map((it) => texts.value.lines[it])
        .join(', ');

/** The lines to set; those that are absent stay. */
export type Patch = Partial<Record<Line, boolean>>;

export const patchFields = (patch: Patch): Partial<FlatLines> =>
  Object.fromEntries(LINES.flatMap((it) => (patch[it] === undefined ? [] : [[fieldOf(it), patch[it]]])));

export const patched = (lines: FlatLines, patch: Patch): FlatLines => ({ ...lines, ...patchFields(patch) });

/** The changes of lines, the newest first; lists of the log may have rows of other kinds. */
export const newestFirst = <Row extends { readonly __typename: string }>(
  rows: readonly Row[],
): Extract<Row, { readonly __typename: 'LinesChange' }>[] =>
  rows
    .filter((it): it is Extract<Row, { readonly __typename: 'LinesChange' }> => it.__typename === 'LinesChange')
    .reverse();
