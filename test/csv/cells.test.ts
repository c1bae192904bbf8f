import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { cellsOf } from '../../src/csv/cells.ts';

it.each([
  ['1,10', ['1', '10']],
  ['', ['']],
  [',,', ['', '', '']],
  ['"a,b",c', ['a,b', 'c']],
  ['"say ""hi""",""', ['say "hi"', '']],
  ['a,"b"', ['a', 'b']],
])('reads the cells of %s', (line, cells) => {
  expect(cellsOf(line, ',')).toEqual(cells);
});

it.each(['"a', 'a,"', '"a"b,c', 'a"b,c', ' "a",b', '"a""'])('finds no cells in %s', (line) => {
  expect(cellsOf(line, ',')).toBeUndefined();
});

it('agrees with csv-parse on every line without a line break', () => {
  const line = fc.string({ unit: fc.constantFrom('"', ',', ';', 'a', ' '), minLength: 1, maxLength: 12 });
  fc.assert(
    fc.property(line, fc.constantFrom(',' as const, ';' as const), (text, delimiter) => {
      let expected: string[] | undefined;
      try {
        [expected] = parse(text, { delimiter });
      } catch {
        expected = undefined;
      }
      expect(cellsOf(text, delimiter)).toEqual(expected);
    }),
    { numRuns: 2_000 },
  );
});
