import {
  type FlatRowColumn,
  type FlatRowError,
  type FlatRowReason,
  MAX_KEY_CODE,
  MAX_LOGIN,
  MAX_TITLE,
} from '../domain/flat-row.ts';
import { MAX_FLAT, MAX_ID } from '../domain/integer.ts';
import { COLUMN_NAMES } from './header.ts';
import { MAX_LINE } from './lines.ts';

const MAX_LENGTH: Partial<Record<FlatRowColumn, number>> = {
  intercomTitle: MAX_TITLE,
  keys: MAX_KEY_CODE,
  users: MAX_LOGIN,
};

const TEXTS: Readonly<Record<FlatRowReason, string | ((column: FlatRowColumn | undefined) => string)>> = {
  rowTooLong: `is longer than ${MAX_LINE} characters`,
  brokenQuote: 'has a quotation mark that is not closed, or that stands inside a cell without quotation marks',
  wrongCellCount: 'has more or fewer cells than the header',
  notAnInteger: (column) => `must be a whole number from 1 to ${column === 'flat' ? MAX_FLAT : MAX_ID}`,
  notABoolean: 'must be true, false, 1, 0 or empty',
  noNames: 'holds nothing but separators; leave it empty to keep what is stored',
  tooLong: (column) =>
    `must have at most ${column && MAX_LENGTH[column]} characters${column === 'intercomTitle' ? '' : ' each'}`,
  controlCharacter: 'must not hold control characters',
  notUtf8: 'is not UTF-8 text',
  duplicate: 'stands already in an earlier row',
  otherTitle: 'differs from the title in an earlier row',
  otherFlatId: 'the flat has another id',
  flatIdTaken: 'belongs to another flat',
  noIdLeft: 'no id is left for a new flat; give it a flat_id',
  gone: 'was deleted while the import ran',
};

/** `line 5, column flat: must be ...`; without a column where the row as a whole is meant. */
export function rowErrorText(line: number, { column, reason }: FlatRowError): string {
  const text = TEXTS[reason];
  const place = column ? `line ${line}, column ${COLUMN_NAMES[column]}` : `line ${line}`;
  return `${place}: ${typeof text === 'string' ? text : text(column)}`;
}
