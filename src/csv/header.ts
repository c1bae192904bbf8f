import type { FlatRowColumn } from '../domain/import-row.ts';
import { LINE_SPELLINGS } from '../domain/lines.ts';
import { cellsOf, type Separator } from './cells.ts';
import { MAX_LINE_BYTES } from './text-lines.ts';

/** The columns as a file spells them, in the order of messages. */
export const COLUMN_NAMES: Readonly<Record<FlatRowColumn, string>> = {
  intercomId: 'intercom_id',
  flat: 'flat',
  flatId: 'flat_id',
  smartphoneSip: LINE_SPELLINGS.smartphoneSip.rest,
  landlineSip: LINE_SPELLINGS.landlineSip.rest,
  analog: LINE_SPELLINGS.analog.rest,
  keys: 'keys',
  users: 'users',
  intercomTitle: 'intercom_title',
  intercomExternalId: 'intercom_external_id',
  intercomFlatFrom: 'intercom_flat_from',
  intercomFlatTo: 'intercom_flat_to',
};

const REQUIRED = ['intercomId', 'flat'] as const satisfies readonly FlatRowColumn[];

/** How the rows of a file are laid out. Cells after the last column have no heading, and must be empty. */
export interface Layout {
  readonly separator: Separator;
  readonly columns: readonly FlatRowColumn[];
}

/** A header that does not name the columns of a row; the message says what is wrong and what is accepted. */
export class HeaderError extends Error {
  override readonly name = 'HeaderError';
}

/** The separator that a spreadsheet names in a line of its own, before the header: `sep=;`. */
export function separatorLine(line: string): Separator | undefined {
  const [, separator] = /^"?sep=([,;\t])"?[,;\t\s]*$/i.exec(line) ?? [];
  return separator as Separator | undefined;
}

/** The separator of a header without such a line: no column's name holds any of them. */
const separatorIn = (line: string): Separator => {
  if (line.includes(',')) return ',';
  return line.includes(';') ? ';' : line.includes('\t') ? '\t' : ',';
};

export function parseHeader(line: string, separator: Separator = separatorIn(line)): Layout {
  if (line.length > MAX_LINE_BYTES) throw toHeaderError(['it is too long']);
  if (/[\0\ufffd]/.test(line)) throw toHeaderError([NOT_UTF8]);
  if (line.includes('\r')) throw toHeaderError(['the lines of the file end in CR alone; save it with LF or CRLF']);
  const names = cellsOf(line, separator)?.map((it) => it.trim());
  if (!names) throw toHeaderError(['a quotation mark is not closed, or stands inside a cell']);
  while (names.at(-1) === '') names.pop();

  const problems: string[] = [];
  const columns = new Set<FlatRowColumn>();
  for (const [index, name] of names.entries()) {
    const column = columnNamed(name);
    const meant = columnNamed(name.toLowerCase().replaceAll(/[\s-]+/g, '_'));
    if (name === '') problems.push(`column ${index + 1} has no heading`);
    else if (!column && meant) problems.push(`unknown column ${quoted(name)}: write it ${COLUMN_NAMES[meant]}`);
    else if (!column) problems.push(`unknown column ${quoted(name)}`);
    else if (columns.has(column)) problems.push(`column ${name} stands twice`);
    else columns.add(column);
  }
  for (const column of REQUIRED) {
    if (!columns.has(column)) problems.push(`column ${COLUMN_NAMES[column]} is missing`);
  }
  if (problems.length > 0) throw toHeaderError(problems);
  return { separator, columns: [...columns] };
}

/** The message for a file in another encoding. */
export const NOT_UTF8 =
  'the file is not UTF-8 text; in Excel save it as "CSV UTF-8", in LibreOffice choose the character set UTF-8';

/** The most problems in one message. */
const MAX_LISTED = 10;

export function toHeaderError(problems: readonly string[]): HeaderError {
  const listed = problems.slice(0, MAX_LISTED);
  if (problems.length > MAX_LISTED) listed.push(`and ${problems.length - MAX_LISTED} more`);
  const required = REQUIRED.map((it) => COLUMN_NAMES[it]);
  const optional = Object.values(COLUMN_NAMES).filter((it) => !(required as string[]).includes(it));
  return new HeaderError(
    `Wrong header: ${listed.join('; ')}.\nRequired columns: ${required.join(', ')}. Others: ${optional.join(', ')}.`,
  );
}

function columnNamed(name: string): FlatRowColumn | undefined {
  return (Object.keys(COLUMN_NAMES) as FlatRowColumn[]).find((it) => COLUMN_NAMES[it] === name);
}

const quoted = (name: string): string => JSON.stringify(name.length > 40 ? `${name.slice(0, 40)}…` : name);
