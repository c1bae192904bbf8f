import type { FlatRowColumn, Row } from '../domain/import-row.ts';
import { LINES, type Line } from '../domain/lines.ts';
import { cellText, type Separator } from './cells.ts';
import { neutralText } from './formula.ts';
import { COLUMN_NAMES } from './header.ts';

/** The first line of a file whose others are `formatRow`s. */
export const formatHeader = (separator: Separator): string => `${Object.values(COLUMN_NAMES).join(separator)}\n`;

/** A row as a line with every column, so that `parseRow` reads the same row; what is absent is an empty cell. */
export const formatRow = (row: Row, separator: Separator): string =>
  `${COLUMNS.map((column) => CELLS[column](row)).join(separator)}\n`;

const COLUMNS = Object.keys(COLUMN_NAMES) as FlatRowColumn[];

const number = (value: number | undefined): string => (value === undefined ? '' : String(value));
const text = (value: string | undefined): string => (value === undefined ? '' : cellText(neutralText(value)));
const names = (values: readonly string[] | undefined): string =>
  values === undefined ? '' : cellText(values.map(neutralText).join(';'));
const line = (name: Line) => (row: Row) => (row.flat === undefined ? '' : String(row.lines[name] ?? ''));

const CELLS: Readonly<Record<FlatRowColumn, (row: Row) => string>> = {
  ...(Object.fromEntries(LINES.map((name) => [name, line(name)])) as Record<Line, (row: Row) => string>),
  intercomId: (row) => number(row.intercomId),
  flat: (row) => number(row.flat),
  flatId: (row) => (row.flat === undefined ? '' : number(row.flatId)),
  keys: (row) => (row.flat === undefined ? '' : names(row.keys)),
  users: (row) => (row.flat === undefined ? '' : names(row.users)),
  intercomTitle: (row) => text(row.intercomTitle),
  intercomExternalId: (row) => text(row.intercomExternalId),
  intercomFlatFrom: (row) => number(row.intercomRange?.from),
  intercomFlatTo: (row) => number(row.intercomRange?.to),
};
