import type { ParsedRow } from '../domain/import-row.ts';
import type { Separator } from './cells.ts';
import { HeaderError, type Layout, parseHeader, separatorLine } from './header.ts';
import { parseRow } from './row.ts';
import { linesOf } from './text-lines.ts';

/**
 * Reads the header, and then hands the rows on in batches as the bytes arrive. Rejects with `HeaderError`; a bad row is
 * a row with errors. Blank lines, and lines of separators alone, are skipped.
 */
export async function readFlats(bytes: AsyncIterable<Uint8Array>): Promise<AsyncGenerator<readonly ParsedRow[], void>> {
  const rows = rowsOf(bytes);
  // The first batch is empty: it says that the header is good.
  await rows.next();
  return rows;
}

async function* rowsOf(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<readonly ParsedRow[], void> {
  let layout: Layout | undefined;
  let separator: Separator | undefined;
  let number = 0;
  for await (const lines of linesOf(inUtf8(bytes))) {
    const batch: ParsedRow[] = [];
    for (const line of lines) {
      number++;
      if (isBlank(line)) continue;
      if (!layout) {
        separator ??= separatorLine(line);
        if (separator && separatorLine(line)) continue;
        layout = parseHeader(line, separator);
        yield [];
        continue;
      }
      const row = parseRow(line, layout);
      batch.push('intercomId' in row ? { line: number, row } : { line: number, errors: row });
    }
    if (batch.length > 0) yield batch;
  }
  if (!layout) throw new HeaderError([{ code: 'empty' }]);
}

/** Spreadsheets write an empty row as its separators. */
const isBlank = (line: string): boolean => line.length < 1_024 && /^[\s,;]*$/.test(line);

/**
 * Refuses a file whose first piece is not UTF-8 and has no character beyond ASCII that is: it is in another encoding as a
 * whole. In one that is UTF-8 but for some bytes, the rows with those are refused.
 */
async function* inUtf8(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void> {
  let isFirst = true;
  for await (const piece of bytes) {
    if (isFirst) {
      const text = new TextDecoder().decode(piece, { stream: true });
      if (text.includes('\ufffd') && !/[^\0-\x7f\ufffd]/.test(text)) throw new HeaderError([{ code: 'notUtf8' }]);
    }
    isFirst = false;
    yield piece;
  }
}
