import {
  type FlatRow,
  type FlatRowColumn,
  type FlatRowError,
  type FlatRowReason,
  MAX_KEY_CODE,
  MAX_LOGIN,
  MAX_TITLE,
  type Row,
} from '../domain/import-row.ts';
import { integerFromText, MAX_FLAT, MAX_ID } from '../domain/input.ts';
import { MAX_EXTERNAL_ID } from '../domain/intercom.ts';
import type { Line } from '../domain/lines.ts';
import { nameFault, textFault } from '../domain/text.ts';
import { cellsOf } from './cells.ts';
import { isDamagedNumber, isTextFormula, plainText } from './formula.ts';
import type { Layout } from './header.ts';
import { MAX_LINE_BYTES } from './text-lines.ts';

/** A row that is being read: what may be absent is added when its cell is filled. */
interface Draft {
  readonly row: { -readonly [Name in keyof FlatRow]: FlatRow[Name] } & {
    readonly lines: Partial<Record<Line, boolean>>;
  };
  /** Whether a cell is filled that only a flat has. */
  hasFlatCells: boolean;
  flatFrom?: number;
  flatTo?: number;
}

/** Reads one line into a row; reports every cell that cannot be read, in the order of the header. */
export function parseRow(line: string, { separator, columns }: Layout): Row | readonly FlatRowError[] {
  if (line.length > MAX_LINE_BYTES) return [{ reason: 'rowTooLong' }];
  const cells = cellsOf(line, separator);
  if (!cells) return [{ reason: 'brokenQuote' }];
  if (cells.length < columns.length) return [{ reason: 'wrongCellCount' }];
  for (let i = columns.length; i < cells.length; i++) {
    if ((cells[i] as string).trim() !== '') return [{ reason: 'noHeading' }];
  }

  const draft: Draft = { row: { intercomId: 0, flat: 0, lines: {} }, hasFlatCells: false };
  const errors: FlatRowError[] = [];
  for (let i = 0; i < columns.length; i++) {
    const column = columns[i] as FlatRowColumn;
    const cell = (cells[i] as string).trim();
    const reason = column === 'intercomId' || cell !== '' ? readCell(draft, column, cell) : undefined;
    if (reason) errors.push({ column, reason });
  }
  const row = rowOf(draft, errors);
  return errors.length > 0 ? errors.sort((a, b) => indexOf(columns, a) - indexOf(columns, b)) : row;
}

/** Puts a filled cell into the draft, or returns why it cannot. */
function readCell(draft: Draft, column: FlatRowColumn, cell: string): FlatRowReason | undefined {
  const { row } = draft;
  switch (column) {
    case 'intercomId':
      row.intercomId = integerUpTo(MAX_ID, cell);
      return row.intercomId === 0 ? 'notAnInteger' : undefined;
    case 'intercomTitle':
      row.intercomTitle = plainText(cell);
      return textFault(row.intercomTitle, MAX_TITLE);
    case 'intercomExternalId':
      row.intercomExternalId = plainText(cell);
      return damageIn(cell) ?? textFault(row.intercomExternalId, MAX_EXTERNAL_ID);
    case 'intercomFlatFrom':
      draft.flatFrom = integerUpTo(MAX_FLAT, cell);
      return draft.flatFrom === 0 ? 'notAnInteger' : undefined;
    case 'intercomFlatTo':
      draft.flatTo = integerUpTo(MAX_FLAT, cell);
      return draft.flatTo === 0 ? 'notAnInteger' : undefined;
  }
  draft.hasFlatCells = true;
  switch (column) {
    case 'flat':
      row.flat = integerUpTo(MAX_FLAT, cell);
      return row.flat === 0 ? 'notAnInteger' : undefined;
    case 'flatId':
      row.flatId = integerUpTo(MAX_ID, cell);
      return row.flatId === 0 ? 'notAnInteger' : undefined;
    case 'keys':
      row.keys = namesIn(cell);
      return damageIn(cell) ?? badNames(row.keys, MAX_KEY_CODE);
    case 'users':
      row.users = namesIn(cell);
      return damageIn(cell) ?? badNames(row.users, MAX_LOGIN);
    default:
      return readLine(row.lines, column, cell);
  }
}

function readLine(lines: Draft['row']['lines'], line: Line, cell: string): FlatRowReason | undefined {
  const value = BOOLEANS[cell] ?? BOOLEANS[cell.toLowerCase()];
  if (value === undefined) return 'notABoolean';
  lines[line] = value;
  return undefined;
}

/** What programs write, in English and in Russian; in any case. */
const BOOLEANS: Readonly<Record<string, boolean>> = Object.assign(Object.create(null), {
  '1': true,
  true: true,
  истина: true,
  '1.0': true,
  '0': false,
  false: false,
  ложь: false,
  '0.0': false,
});

/** Codes that a spreadsheet has converted: they would replace the real ones. */
function damageIn(cell: string): FlatRowReason | undefined {
  if (isTextFormula(cell)) return 'textFormula';
  // Most cells hold one code, and no E in it.
  if (!/e[+-]/i.test(cell)) return undefined;
  return cell.split(';').some((it) => isDamagedNumber(it.trim())) ? 'damagedNumber' : undefined;
}

/** The row that the cells make together; adds what speaks against it. */
function rowOf({ row, hasFlatCells, flatFrom: from, flatTo: to }: Draft, errors: FlatRowError[]): Row {
  if (from !== undefined && to !== undefined) {
    row.intercomRange = { from, to };
    if (from > to && to > 0) errors.push({ column: 'intercomFlatTo', reason: 'endsBeforeStart' });
  } else if (from !== to) {
    errors.push({ column: from === undefined ? 'intercomFlatFrom' : 'intercomFlatTo', reason: 'halfRange' });
  }
  if (!hasFlatCells) {
    const { flat: _flat, lines: _lines, ...intercom } = row;
    // A row with nothing but the intercom's id has forgotten its flat.
    if (Object.keys(intercom).length > 1) return intercom;
  }
  if (row.flat === 0 && !errors.some((it) => it.column === 'flat'))
    errors.push({ column: 'flat', reason: 'notAnInteger' });
  return row;
}

const indexOf = (columns: readonly FlatRowColumn[], { column }: FlatRowError): number =>
  column === undefined ? -1 : columns.indexOf(column);

/** 0 when the cell is no whole number from 1 to `max`. */
function integerUpTo(max: number, cell: string): number {
  // Programs that know no whole numbers write 10.0.
  const value = integerFromText(cell) ?? integerFromText(cell.replace(/[.,]0+$/, ''));
  return value !== undefined && value <= max ? value : 0;
}

const namesIn = (cell: string): readonly string[] => [
  ...new Set(
    cell
      .split(';')
      .map((it) => plainText(it.trim()))
      .filter((it) => it !== ''),
  ),
];

function badNames(names: readonly string[], max: number): FlatRowReason | undefined {
  if (names.length === 0) return 'noNames';
  for (const name of names) {
    const reason = nameFault(name, max);
    if (reason) return reason;
  }
  return undefined;
}
