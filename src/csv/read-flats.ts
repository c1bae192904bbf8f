import type { ParsedRow } from '../domain/flat-row.ts';
import { badHeader, type Layout, parseHeader } from './header.ts';
import { linesOf } from './lines.ts';
import { parseRow } from './row.ts';

/**
 * Reads the header, and then hands the rows on in batches as the bytes arrive. Rejects with `BadHeader`; a bad row is
 * a row with errors. Blank lines are skipped.
 */
export async function readFlats(bytes: AsyncIterable<Uint8Array>): Promise<AsyncGenerator<readonly ParsedRow[], void>> {
  const rows = rowsOf(bytes);
  // The first batch is empty: it says that the header is good.
  await rows.next();
  return rows;
}

async function* rowsOf(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<readonly ParsedRow[], void> {
  let layout: Layout | undefined;
  let number = 0;
  for await (const lines of linesOf(bytes)) {
    const batch: ParsedRow[] = [];
    for (const line of lines) {
      number++;
      if (isBlank(line)) continue;
      if (!layout) {
        layout = parseHeader(line);
        yield [];
        continue;
      }
      const row = parseRow(line, layout);
      batch.push('intercomId' in row ? { line: number, row } : { line: number, errors: row });
    }
    if (batch.length > 0) yield batch;
  }
  if (!layout) throw badHeader(['the file is empty']);
}

const isBlank = (line: string): boolean => line.length < 64 && line.trim() === '';
