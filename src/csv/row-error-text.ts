import {
  type FlatRowColumn,
  type FlatRowError,
  type FlatRowReason,
  MAX_KEY_CODE,
  MAX_LOGIN,
  MAX_TITLE,
} from '../domain/import-row.ts';
import { MAX_FLAT, MAX_ID } from '../domain/input.ts';
import { MAX_EXTERNAL_ID } from '../domain/intercom.ts';
import { cellText } from './cells.ts';
import { COLUMN_NAMES } from './header.ts';
import { MAX_LINE_BYTES } from './text-lines.ts';

const MAX_LENGTH: Partial<Record<FlatRowColumn, number>> = {
  intercomTitle: MAX_TITLE,
  intercomExternalId: MAX_EXTERNAL_ID,
  keys: MAX_KEY_CODE,
  users: MAX_LOGIN,
};

const TEXTS: Readonly<Record<FlatRowReason, string | ((column: FlatRowColumn | undefined) => string)>> = {
  rowTooLong: `is longer than ${MAX_LINE_BYTES} characters`,
  brokenQuote: 'has a quotation mark that is not closed, or that stands inside a cell without quotation marks',
  wrongCellCount: 'has fewer cells than the header',
  noHeading: 'has a value in a column without a heading',
  damagedNumber:
    'was made a number like 1.23E+13 by a spreadsheet, and its last digits are lost; take the codes from their source again, with the column formatted as text',
  textFormula: 'is a formula like ="0123"; write the text alone',
  notAnInteger: (column) =>
    `must be a whole number from 1 to ${column === 'intercomId' || column === 'flatId' ? MAX_ID : MAX_FLAT}`,
  notABoolean: 'must be true, false, 1, 0 (or ИСТИНА, ЛОЖЬ), or empty',
  noNames: 'holds nothing but separators; leave it empty to keep what is stored',
  tooLong: (column) =>
    `must have at most ${column && MAX_LENGTH[column]} characters${column === 'keys' || column === 'users' ? ' each' : ''}`,
  controlCharacter: 'must not hold control characters',
  invisibleCharacter: 'must not hold invisible characters, such as a zero-width space',
  notUtf8: 'is not UTF-8 text; save the file as UTF-8',
  halfRange: 'is empty, but the other end of the range is given',
  endsBeforeStart: `must not be less than ${COLUMN_NAMES.intercomFlatFrom}`,
  duplicate: 'stands already in an earlier row',
  otherTitle: 'differs from the title in an earlier row',
  otherExternalId: 'differs from the external id in an earlier row',
  otherRange: 'differs from the range in an earlier row',
  outsideRange: 'is outside of the range that the file gives its intercom',
  otherFlatId: 'is not the id of this flat, which exists with another one',
  flatIdTaken: 'belongs to another flat',
  noIdLeft: 'no id is left for a new flat; give it a flat_id',
  externalIdTaken: 'belongs to another intercom',
  flatsOutside: 'would leave flats of the intercom outside of its range',
  gone: 'was deleted while the import ran',
};

/** `line 5, column flat: must be ...`; without a column where the row as a whole is meant. */
export function rowErrorText(line: number, error: FlatRowError): string {
  const column = columnName(error);
  const location = column ? `line ${line}, column ${column}` : `line ${line}`;
  return `${location}: ${reasonText(error)}`;
}

/** The first line of a report of bad rows, whose others are `reportLine`s. */
export const REPORT_HEADER = 'line,column,reason\n';

/** The same as a line of a CSV file. */
export const reportLine = (line: number, error: FlatRowError): string =>
  `${line},${columnName(error) ?? ''},${cellText(reasonText(error))}\n`;

/** The column that an error is in, as files spell it; null where the row as a whole is meant. */
export const columnName = ({ column }: FlatRowError): string | null => (column ? COLUMN_NAMES[column] : null);

export function reasonText({ column, reason }: FlatRowError): string {
  const text = TEXTS[reason];
  return typeof text === 'string' ? text : text(column);
}
