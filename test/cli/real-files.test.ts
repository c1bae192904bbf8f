import { readdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { run } from '../../src/cli/commands/import.ts';
import { rows } from '../support/rows.ts';
import { desk } from '../support/run-cli.ts';

// Files as programs write them, by hand, each with what must come of it.

const FOLDER = fileURLToPath(new URL('./files/', import.meta.url));
const DAMAGED =
  'was made a number like 1.23E+13 by a spreadsheet, and its last digits are lost; take the codes from their source again, with the column formatted as text';
const NOT_UTF8 =
  'Wrong header: the file is not UTF-8 text; in Excel save it as "CSV UTF-8", in LibreOffice choose the character set UTF-8.';

interface Outcome {
  readonly code: number;
  /** What is said on stderr, or how it begins where the rest is the list of columns. */
  readonly err: string;
  /** Intercom, number, lines as 0 and 1, keys; `undefined` when not even the database may be there. */
  readonly flats: readonly string[] | undefined;
}

const OUTCOMES: Readonly<Record<string, Outcome>> = {
  'excel-ru-utf8.csv': {
    code: 1,
    err: `line 5, column keys: ${DAMAGED}\n`,
    flats: ['1 10 101 04A1B2C3', '1 11 111 04A1B2C4;04A1B2C5'],
  },
  'excel-ru-1251.csv': { code: 2, err: NOT_UTF8, flats: undefined },
  'excel-en-utf8.csv': {
    code: 1,
    err: `line 3, column keys: ${DAMAGED}\n`,
    flats: ['1 10 101 04A1B2C3', '1 12 000 '],
  },
  'excel-unicode-text.txt': { code: 2, err: NOT_UTF8, flats: undefined },
  'excel-sep-line.csv': { code: 0, err: '', flats: ['1 10 111 A;B'] },
  'excel-mac.csv': {
    code: 2,
    err: 'Wrong header: the lines of the file end in CR alone; save it with LF or CRLF.',
    flats: undefined,
  },
  'libreoffice.csv': {
    code: 1,
    err: 'line 3, column keys: is a formula like ="0123"; write the text alone\n',
    flats: ['1 10 111 04A1B2C3'],
  },
  'pandas-index.csv': { code: 2, err: 'Wrong header: column 1 has no heading.', flats: undefined },
  'pandas.csv': { code: 0, err: '', flats: ['1 10 111 04A1B2C3', '1 11 010 ', '1 12 111 '] },
  'csv-writer.csv': {
    code: 1,
    err: 'line 4, column flat: stands already in an earlier row\n',
    flats: ['1 10 111 A;B', '1 11 011 '],
  },
};

it.each(Object.entries(OUTCOMES))('%s', async (name, { code, err, flats }) => {
  await using d = await desk();
  const ended = await d.run(run, [FOLDER + name]);
  const said = code === 2 ? (ended.err.split('\n')[0] as string) : ended.err;
  expect([ended.code, said]).toEqual([code, err]);
  const stored = (await d.files()).includes('flats.db')
    ? rows(
        d.database,
        `select intercom_id || ' ' || flat || ' ' || smartphone_sip || landline_sip || analog || ' ' ||
           coalesce((select group_concat(code, ';') from (select code from keys where flat_id = f.id order by code)), '') as flat
         from flats f order by intercom_id, flat`,
      ).map((row) => (row as { flat: string }).flat)
    : undefined;
  expect(stored).toEqual(flats);
});

it('every file has its outcome', async () => {
  expect((await readdir(FOLDER)).sort()).toEqual(Object.keys(OUTCOMES).sort());
});
