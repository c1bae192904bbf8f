import {
  type FlatRow,
  type FlatRowColumn,
  type FlatRowError,
  type FlatRowReason,
  MAX_KEY_CODE,
  MAX_LOGIN,
  MAX_TITLE,
} from '../domain/flat-row.ts';
import { integerFromText, MAX_FLAT, MAX_ID } from '../domain/integer.ts';
import type { Line } from '../domain/lines.ts';
import { textFault } from '../domain/text.ts';
import { cellsOf } from './cells.ts';
import type { Layout } from './header.ts';
import { MAX_LINE } from './lines.ts';

/** A row that is being read: what may be absent is added when its cell is filled. */
type Draft = { -readonly [Name in keyof FlatRow]: FlatRow[Name] } & { readonly lines: Partial<Record<Line, boolean>> };

/** Reads one line into a row; every cell that cannot be read is told, in the order of the header. */
export function parseRow(line: string, { separator, columns }: Layout): FlatRow | readonly FlatRowError[] {
  if (line.length > MAX_LINE) return [{ reason: 'rowTooLong' }];
  const cells = cellsOf(line, separator);
  if (!cells) return [{ reason: 'brokenQuote' }];
  if (cells.length !== columns.length) return [{ reason: 'wrongCellCount' }];

  const draft: Draft = { intercomId: 0, flat: 0, lines: {} };
  const errors: FlatRowError[] = [];
  for (let i = 0; i < columns.length; i++) {
    const column = columns[i] as FlatRowColumn;
    const reason = readCell(draft, column, (cells[i] as string).trim());
    if (reason) errors.push({ column, reason });
  }
  return errors.length > 0 ? errors : draft;
}

/** Puts a cell into the draft, or returns why it cannot. An empty cell adds nothing, where the column allows it. */
function readCell(draft: Draft, column: FlatRowColumn, cell: string): FlatRowReason | undefined {
  switch (column) {
    case 'intercomId':
      draft.intercomId = integerUpTo(MAX_ID, cell);
      return draft.intercomId === 0 ? 'notAnInteger' : undefined;
    case 'flat':
      draft.flat = integerUpTo(MAX_FLAT, cell);
      return draft.flat === 0 ? 'notAnInteger' : undefined;
  }
  if (cell === '') return undefined;
  switch (column) {
    case 'flatId':
      draft.flatId = integerUpTo(MAX_ID, cell);
      return draft.flatId === 0 ? 'notAnInteger' : undefined;
    case 'intercomTitle':
      draft.intercomTitle = cell;
      return textFault(cell, MAX_TITLE);
    case 'keys':
      draft.keys = namesIn(cell);
      return badNames(draft.keys, MAX_KEY_CODE);
    case 'users':
      draft.users = namesIn(cell);
      return badNames(draft.users, MAX_LOGIN);
    default:
      if (cell === 'true' || cell === '1') draft.lines[column] = true;
      else if (cell === 'false' || cell === '0') draft.lines[column] = false;
      else return 'notABoolean';
      return undefined;
  }
}

/** 0 when the cell is no whole number from 1 to `max`. */
function integerUpTo(max: number, cell: string): number {
  const value = integerFromText(cell);
  return value !== undefined && value <= max ? value : 0;
}

const namesIn = (cell: string): readonly string[] => [
  ...new Set(
    cell
      .split(';')
      .map((it) => it.trim())
      .filter((it) => it !== ''),
  ),
];

function badNames(names: readonly string[], max: number): FlatRowReason | undefined {
  if (names.length === 0) return 'noNames';
  for (const name of names) {
    const reason = textFault(name, max);
    if (reason) return reason;
  }
  return undefined;
}
