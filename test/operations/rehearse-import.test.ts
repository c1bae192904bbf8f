import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { FlatRowError, ParsedRow, Row } from '../../src/domain/import-row.ts';
import { importFlats, type RowStore } from '../../src/operations/import-flats.ts';
import { createRehearsal } from '../../src/operations/rehearse-import.ts';
import { STORE } from '../support/start.ts';
import { tempDatabase } from '../support/temp-database.ts';

const ORIGIN = { actor: 'tester', channel: 'IMPORT' } as const;

const some = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined, freq: 2 });
const names = (...all: string[]) => some(fc.subarray(all, { minLength: 1 }));
const number = fc.integer({ min: 1, max: 6 });
const ofIntercom = {
  intercomId: fc.integer({ min: 1, max: 3 }),
  intercomTitle: some(fc.constantFrom('North', 'South')),
  intercomExternalId: some(fc.constantFrom('CRM-1', 'CRM-2', 'CRM-3')),
  intercomRange: some(fc.tuple(number, number).map(([a, b]) => ({ from: Math.min(a, b), to: Math.max(a, b) }))),
};
const flatRow = fc.record({
  ...ofIntercom,
  flat: number,
  flatId: some(fc.integer({ min: 1, max: 12 })),
  lines: fc.record({ analog: some(fc.boolean()), landlineSip: some(fc.boolean()) }),
  keys: names('A', 'B', 'C'),
  users: names('anna', 'boris'),
});
/** Without the columns that are empty. */
const filled = (row: object): Row =>
  Object.fromEntries(
    Object.entries(row).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, name === 'lines' ? filled(value as object) : value]],
    ),
  ) as unknown as Row;
const file = fc.array(fc.oneof({ weight: 4, arbitrary: flatRow }, fc.record(ofIntercom)).map(filled), {
  minLength: 1,
  maxLength: 12,
});

/** Imports a file in batches of two rows; returns the outcome of the whole, and every refusal. */
async function importInto(store: RowStore, rows: readonly Row[]) {
  const refused: [number, readonly FlatRowError[]][] = [];
  async function* batches(): AsyncGenerator<readonly ParsedRow[]> {
    for (let i = 0; i < rows.length; i += 2) {
      yield rows.slice(i, i + 2).map((row, at) => ({ line: i + at + 2, row }));
    }
  }
  return [await importFlats(store, ORIGIN, batches(), (line, errors) => void refused.push([line, errors])), refused];
}

it('what is rehearsed is what the import does then, and a rehearsal changes nothing', async () => {
  await fc.assert(
    fc.asyncProperty(file, file, async (before, rows) => {
      await using database = await tempDatabase();
      await using store = await database.open();
      await importInto(store, before);
      const head = await store.changesHead();
      const rehearsed = await importInto(createRehearsal(store), rows);
      expect(await store.changesHead()).toBe(head);
      expect(rehearsed).toEqual(await importInto(store, rows));
    }),
    { numRuns: STORE === 'postgres' ? 8 : 150 },
  );
});
