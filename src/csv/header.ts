import type { FlatRowColumn } from '../domain/import-row.ts';
import { LINE_SPELLINGS } from '../domain/lines.ts';
import { cellsOf, type Separator } from './cells.ts';
import { type HeaderLocale, type HeaderProblem, headerErrorText } from './header-error-text.ts';
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

/** A header that does not name the columns of a row; the message says what is wrong and what is accepted, in English. */
export class HeaderError extends Error {
  override readonly name = 'HeaderError';
  private readonly problems: readonly HeaderProblem[];

  constructor(problems: readonly HeaderProblem[]) {
    super(textOf('en', problems));
    this.problems = problems;
  }

  /** The message in another language. */
  textIn(locale: HeaderLocale): string {
    return textOf(locale, this.problems);
  }
}

function textOf(locale: HeaderLocale, problems: readonly HeaderProblem[]): string {
  const required = REQUIRED.map((it) => COLUMN_NAMES[it]);
  const others = Object.values(COLUMN_NAMES).filter((it) => !required.includes(it));
  return headerErrorText(locale, problems, required, others);
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
  if (line.length > MAX_LINE_BYTES) throw new HeaderError([{ code: 'tooLong' }]);
  if (/[\0\ufffd]/.test(line)) throw new HeaderError([{ code: 'notUtf8' }]);
  if (line.includes('\r')) throw new HeaderError([{ code: 'endsInCr' }]);
  const names = cellsOf(line, separator)?.map((it) => it.trim());
  if (!names) throw new HeaderError([{ code: 'brokenQuote' }]);
  while (names.at(-1) === '') names.pop();

  const problems: HeaderProblem[] = [];
  const columns = new Set<FlatRowColumn>();
  for (const [index, name] of names.entries()) {
    const column = columnNamed(name);
    const meant = columnNamed(name.toLowerCase().replaceAll(/[\s-]+/g, '_'));
    if (name === '') problems.push({ code: 'noHeading', column: `${index + 1}` });
    else if (!column && meant) problems.push({ code: 'misspelt', column: name, meant: COLUMN_NAMES[meant] });
    else if (!column) problems.push({ code: 'unknown', column: name });
    else if (columns.has(column)) problems.push({ code: 'twice', column: name });
    else columns.add(column);
  }
  for (const column of REQUIRED) {
    if (!columns.has(column)) problems.push({ code: 'missing', column: COLUMN_NAMES[column] });
  }
  if (problems.length > 0) throw new HeaderError(problems);
  return { separator, columns: [...columns] };
}

function columnNamed(name: string): FlatRowColumn | undefined {
  return (Object.keys(COLUMN_NAMES) as FlatRowColumn[]).find((it) => COLUMN_NAMES[it] === name);
}
