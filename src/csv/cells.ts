export type Separator = ',' | ';' | '\t';

const QUOTE = '"';

/**
 * The cells of one line, by RFC 4180; `undefined` when a quotation mark is not closed or stands where none may stand.
 *
 * No column may hold a line break, so a line is always a whole row. That is why a broken quotation mark spoils the row
 * in which it stands and no other: a parser that lets a quoted cell run over lines takes the good rows after it along.
 */
export function cellsOf(line: string, separator: Separator): readonly string[] | undefined {
  if (!line.includes(QUOTE)) return line.split(separator);
  const cells: string[] = [];
  for (let start = 0; ; ) {
    let end: number;
    if (line[start] === QUOTE) {
      const close = closingQuote(line, start + 1);
      if (close === undefined) return undefined;
      end = close + 1;
      if (end < line.length && line[end] !== separator) return undefined;
      cells.push(line.slice(start + 1, close).replaceAll('""', QUOTE));
    } else {
      end = line.indexOf(separator, start);
      if (end < 0) end = line.length;
      const cell = line.slice(start, end);
      if (cell.includes(QUOTE)) return undefined;
      cells.push(cell);
    }
    if (end >= line.length) return cells;
    start = end + 1;
  }
}

/** Where the quoted cell that begins at `from` is closed; two quotation marks in a row stand for one in the text. */
function closingQuote(line: string, from: number): number | undefined {
  let at = line.indexOf(QUOTE, from);
  while (at >= 0 && line[at + 1] === QUOTE) at = line.indexOf(QUOTE, at + 2);
  return at < 0 ? undefined : at;
}

/**
 * A text as one cell. It is put in quotes for either separator, since spreadsheets guess which of them it is, and some
 * split at both.
 */
export const cellText = (text: string): string => (/[",;\t]/.test(text) ? `"${text.replaceAll(QUOTE, '""')}"` : text);
