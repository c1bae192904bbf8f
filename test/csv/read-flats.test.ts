import { expect, it } from 'vitest';
import { readFlats } from '../../src/csv/read-flats.ts';
import type { ParsedRow } from '../../src/domain/import-row.ts';

async function read(...pieces: (string | Uint8Array)[]): Promise<ParsedRow[]> {
  async function* bytes() {
    for (const piece of pieces) yield typeof piece === 'string' ? Buffer.from(piece) : piece;
  }
  const rows: ParsedRow[] = [];
  for await (const batch of await readFlats(bytes())) rows.push(...batch);
  return rows;
}

const ALL =
  'intercom_id,flat,flat_id,is_smartphone_sip_line_available,is_landline_sip_line_available,is_analog_line_available,keys,users,intercom_title\n';

it('reads every column', async () => {
  expect(await read(`${ALL}1, +10 ,7,true,0,1,K1;K2;K1,anna; boris ,Main entrance\n`)).toEqual([
    {
      line: 2,
      row: {
        intercomId: 1,
        flat: 10,
        flatId: 7,
        lines: { smartphoneSip: true, landlineSip: false, analog: true },
        keys: ['K1', 'K2'],
        users: ['anna', 'boris'],
        intercomTitle: 'Main entrance',
      },
    },
  ]);
});

it('leaves out what an empty cell leaves out', async () => {
  expect(await read(`${ALL}1,10,,,,,, ,""\n`)).toEqual([{ line: 2, row: { intercomId: 1, flat: 10, lines: {} } }]);
});

it('reads the columns in any order, with a semicolon between them', async () => {
  expect(await read('flat;keys;intercom_id\n10;"A;B";1\n')).toEqual([
    { line: 2, row: { intercomId: 1, flat: 10, lines: {}, keys: ['A', 'B'] } },
  ]);
});

it('reads a byte order mark, CRLF, blank lines and a last line without an end', async () => {
  expect(await read('\ufeff\r\nintercom_id,flat\r\n\r\n1,10\r\n  \r\n1,11')).toEqual([
    { line: 4, row: { intercomId: 1, flat: 10, lines: {} } },
    { line: 6, row: { intercomId: 1, flat: 11, lines: {} } },
  ]);
});

it('reads the same however the bytes are cut', async () => {
  const file = Buffer.from('\ufeffintercom_id,flat,intercom_title\r\n1,10,"Дом ""5"""\r\n1,11,\r\n');
  const whole = await read(file);
  expect(whole).toEqual([
    { line: 2, row: { intercomId: 1, flat: 10, lines: {}, intercomTitle: 'Дом "5"' } },
    { line: 3, row: { intercomId: 1, flat: 11, lines: {} } },
  ]);
  expect(await read(...[...file].map((byte) => Uint8Array.of(byte)))).toEqual(whole);
});

it('loses no good row to a broken quotation mark', async () => {
  expect(await read('intercom_id,flat\n1,"10\n1,11\n1,1"2\n1,"13"\n')).toEqual([
    { line: 2, errors: [{ reason: 'brokenQuote' }] },
    { line: 3, row: { intercomId: 1, flat: 11, lines: {} } },
    { line: 4, errors: [{ reason: 'brokenQuote' }] },
    { line: 5, row: { intercomId: 1, flat: 13, lines: {} } },
  ]);
});

it.each([
  ['1,10', [{ reason: 'wrongCellCount' }]],
  ['1,10,,,,,,,,x', [{ reason: 'noHeading' }]],
  [
    '0,x,1.5,yes,ja,2,;, ; ,\u0001',
    [
      { column: 'intercomId', reason: 'notAnInteger' },
      { column: 'flat', reason: 'notAnInteger' },
      { column: 'flatId', reason: 'notAnInteger' },
      { column: 'smartphoneSip', reason: 'notABoolean' },
      { column: 'landlineSip', reason: 'notABoolean' },
      { column: 'analog', reason: 'notABoolean' },
      { column: 'keys', reason: 'noNames' },
      { column: 'users', reason: 'noNames' },
      { column: 'intercomTitle', reason: 'controlCharacter' },
    ],
  ],
  [
    '9007199254740992,2147483648,010,,,,,,',
    [
      { column: 'intercomId', reason: 'notAnInteger' },
      { column: 'flat', reason: 'notAnInteger' },
      { column: 'flatId', reason: 'notAnInteger' },
    ],
  ],
  [
    ',,,true,,,,,',
    [
      { column: 'intercomId', reason: 'notAnInteger' },
      { column: 'flat', reason: 'notAnInteger' },
    ],
  ],
  [
    `1,10,,,,,${'k'.repeat(65)},a\u0000b,${'t'.repeat(201)}`,
    [
      { column: 'keys', reason: 'tooLong' },
      { column: 'users', reason: 'controlCharacter' },
      { column: 'intercomTitle', reason: 'tooLong' },
    ],
  ],
  [`1,10,,,,,,${'u'.repeat(101)},`, [{ column: 'users', reason: 'tooLong' }]],
  [`1,10,,,,,${'k'.repeat(1_100_000)},,`, [{ reason: 'rowTooLong' }]],
])('tells every bad cell (%#)', async (line, errors) => {
  expect(await read(`${ALL}${line}\n`)).toEqual([{ line: 2, errors }]);
});

const INTERCOM = 'intercom_id,flat,keys,intercom_title,intercom_external_id,intercom_flat_from,intercom_flat_to\n';

it('reads what a row says of its intercom', async () => {
  expect(await read(`${INTERCOM}1,10,,Main,"'+7;=1",1,20\n`)).toEqual([
    {
      line: 2,
      row: {
        ...{ intercomId: 1, flat: 10, lines: {} },
        ...{ intercomTitle: 'Main', intercomExternalId: '+7;=1', intercomRange: { from: 1, to: 20 } },
      },
    },
  ]);
});

it('reads a row without a flat as an intercom, when it says anything of it', async () => {
  expect(await read(`${INTERCOM}1,,,Main,,,\n2,,,,,3,3\n3,,,,,,\n4,,K,Main,,,\n`)).toEqual([
    { line: 2, row: { intercomId: 1, intercomTitle: 'Main' } },
    { line: 3, row: { intercomId: 2, intercomRange: { from: 3, to: 3 } } },
    { line: 4, errors: [{ column: 'flat', reason: 'notAnInteger' }] },
    { line: 5, errors: [{ column: 'flat', reason: 'notAnInteger' }] },
  ]);
});

it.each([
  ['1,10,,,,1,', [{ column: 'intercomFlatTo', reason: 'halfRange' }]],
  ['1,10,,,,,1', [{ column: 'intercomFlatFrom', reason: 'halfRange' }]],
  ['1,10,,,,2,1', [{ column: 'intercomFlatTo', reason: 'endsBeforeStart' }]],
  [
    `1,,K,,${'e'.repeat(101)},0,2147483648`,
    [
      { column: 'flat', reason: 'notAnInteger' },
      { column: 'intercomExternalId', reason: 'tooLong' },
      { column: 'intercomFlatFrom', reason: 'notAnInteger' },
      { column: 'intercomFlatTo', reason: 'notAnInteger' },
    ],
  ],
])('tells every bad cell of an intercom (%#)', async (line, errors) => {
  expect(await read(`${INTERCOM}${line}\n`)).toEqual([{ line: 2, errors }]);
});

it('counts characters, not code units', async () => {
  expect(await read(`intercom_id,flat,keys\n1,10,${'🔑'.repeat(64)}\n1,11,${'🔑'.repeat(65)}\n`)).toEqual([
    { line: 2, row: { intercomId: 1, flat: 10, lines: {}, keys: ['🔑'.repeat(64)] } },
    { line: 3, errors: [{ column: 'keys', reason: 'tooLong' }] },
  ]);
});

const NOT_UTF8 =
  'the file is not UTF-8 text; in Excel save it as "CSV UTF-8", in LibreOffice choose the character set UTF-8';

it('refuses a file in another encoding as a whole, before anything of it is stored', async () => {
  const title = Buffer.from([0xc4, 0xee, 0xec]);
  const file = Buffer.concat([Buffer.from('intercom_id,flat,intercom_title\n1,10,'), title, Buffer.from('\n')]);
  await expect(read(file)).rejects.toThrow(`Wrong header: ${NOT_UTF8}.`);
  await expect(read(Buffer.from('\ufeffintercom_id,flat\n', 'utf16le'))).rejects.toThrow(NOT_UTF8);
});

it('refuses the rows with bytes that are not UTF-8 instead of storing question marks', async () => {
  const title = Buffer.from([0xc4, 0xee, 0xec]);
  expect(await read('intercom_id,flat,intercom_title\n1,10,', title, '\n1,11,\n')).toEqual([
    { line: 2, errors: [{ column: 'intercomTitle', reason: 'notUtf8' }] },
    { line: 3, row: { intercomId: 1, flat: 11, lines: {} } },
  ]);
});

const ACCEPTED =
  'Required columns: intercom_id, flat. Others: flat_id, is_smartphone_sip_line_available, is_landline_sip_line_available, is_analog_line_available, keys, users, intercom_title, intercom_external_id, intercom_flat_from, intercom_flat_to.';

it.each([
  ['', 'the file is empty'],
  ['\n \n', 'the file is empty'],
  ['intercom_id\n', 'column flat is missing'],
  ['1,10\n', 'unknown column "1"; unknown column "10"; column intercom_id is missing; column flat is missing'],
  ['intercom_id,flat,Keys,,users\n', 'unknown column "Keys": write it keys; column 4 has no heading'],
  ['intercom_id,flat,Flat ID\n', 'unknown column "Flat ID": write it flat_id'],
  ['intercom_id,flat\r1,10\r1,11\r', 'the lines of the file end in CR alone; save it with LF or CRLF'],
  ['intercom_id,flat,flat\n', 'column flat stands twice'],
  ['intercom_id,flat;keys\n', 'unknown column "flat;keys"; column flat is missing'],
  ['"intercom_id,flat\n', 'a quotation mark is not closed, or stands inside a cell'],
  ['i\0n\0t\0', NOT_UTF8],
  ['\ufffe\ufffei', `unknown column "\ufffe\ufffei"; column intercom_id is missing; column flat is missing`],
])('refuses a wrong header (%#)', async (file, problem) => {
  await expect(read(file)).rejects.toThrow(`Wrong header: ${problem}.\n${ACCEPTED}`);
});

it('reads what spreadsheets write: truth values, whole numbers, empty rows and columns, and a line that names the separator', async () => {
  const head = 'intercom_id;flat;is_smartphone_sip_line_available;is_landline_sip_line_available;;';
  const row = (line: number, flat: number, smartphoneSip: boolean, landlineSip: boolean) => ({
    ...{ line, row: { intercomId: 1, flat, lines: { smartphoneSip, landlineSip } } },
  });
  const file = [
    'sep=;',
    head,
    '1;10.0;ИСТИНА;ложь;;',
    ';;;;;',
    '1;11,0;True;FALSE',
    '1.00;12;tRuE;1.0;;',
    '1;13;0;Истина',
  ];
  expect(await read(`${file.join('\r\n')}\r\n`)).toEqual([
    row(3, 10, true, false),
    row(5, 11, true, false),
    row(6, 12, true, true),
    row(7, 13, false, true),
  ]);
  expect(await read('"sep=\t"\nintercom_id\tflat\n1\t10\n')).toEqual([
    { line: 3, row: { intercomId: 1, flat: 10, lines: {} } },
  ]);
});

it.each([
  ['1.23457E+13', 'damagedNumber'],
  ['1,23457E+13', 'damagedNumber'],
  ['04A1;1E-05', 'damagedNumber'],
  ['-2E+09', 'damagedNumber'],
  ['="04A1"', 'textFormula'],
  ['A\u200bB', 'invisibleCharacter'],
  ['A\u00adB', 'invisibleCharacter'],
  ['\u202eA', 'invisibleCharacter'],
])('refuses the code %s', async (code, reason) => {
  const cell = `"${code.replaceAll('"', '""')}"`;
  for (const column of ['keys', 'users']) {
    expect(await read(`intercom_id,flat,${column}\n1,10,${cell}\n`)).toEqual([
      { line: 2, errors: [{ column, reason }] },
    ]);
  }
});

it.each(['12E34567', '04A1B2C3', '1E5X', 'E+12', "'1.23457E+13", 'A-1E+B'])('takes the code %s', async (code) => {
  const [{ row }] = (await read(`intercom_id,flat,keys\n1,10,${code}\n`)) as unknown as [{ row: { keys: string[] } }];
  expect(row.keys).toEqual([code.replace(/^'(?=\d)/, '')]);
});
