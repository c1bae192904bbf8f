import { describe, expect, it } from 'vitest';
import { BUILDING, start, type World } from '../support/start.ts';

const flat10 = (lines: Partial<Record<'smartphone_sip' | 'landline_sip' | 'analog', boolean>> = {}) => ({
  id: 1,
  flat: 10,
  key_count: 2,
  users_count: 1,
  intercom_id: 1,
  properties: {
    is_smartphone_sip_line_available: lines.smartphone_sip ?? true,
    is_landline_sip_line_available: lines.landline_sip ?? true,
    is_analog_line_available: lines.analog ?? true,
  },
});

const off = { is_analog_line_available: false };
const stored = (world: World) =>
  world.rows('select id, smartphone_sip s, landline_sip l, analog a, version v from flats order by id');
const UNTOUCHED = [
  { id: 1, s: 1, l: 1, a: 1, v: 1 },
  { id: 2, s: 1, l: 0, a: 1, v: 1 },
  { id: 3, s: 1, l: 1, a: 1, v: 1 },
];

describe('PATCH /api/v1/billing/intercom-flats', () => {
  it('sets the lines of a flat named by its number, and answers byte for byte as the vendor does', async () => {
    await using world = await start({ flats: BUILDING });
    const response = await fetch(`${world.url}/api/v1/billing/intercom-flats`, {
      method: 'PATCH',
      headers: { 'Content-Type': 'application/json', Accept: 'application/json' },
      body: '{"intercom_id":1,"flat":10,"is_analog_line_available":false}',
    });
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('application/json');
    expect(response.headers.get('etag')).toBe('"2"');
    expect(await response.text()).toBe(
      '{"id":1,"flat":10,"key_count":2,"users_count":1,"intercom_id":1,"properties":{"is_smartphone_sip_line_available":true,"is_landline_sip_line_available":true,"is_analog_line_available":false}}',
    );
    expect(await stored(world)).toEqual([{ id: 1, s: 1, l: 1, a: 0, v: 2 }, ...UNTOUCHED.slice(1)]);
    expect(await world.rows('select * from changes')).toEqual([
      {
        seq: 1,
        changed_at: Date.UTC(2026, 10, 23, 12),
        actor: 'local',
        channel: 'REST',
        reason: null,
        flat_id: 1,
        intercom_id: 1,
        flat: 10,
        before_smartphone_sip: 1,
        before_landline_sip: 1,
        before_analog: 1,
        after_smartphone_sip: 1,
        after_landline_sip: 1,
        after_analog: 0,
      },
    ]);
  });

  it('writes nothing and logs nothing when nothing changes', async () => {
    await using world = await start({ flats: BUILDING });
    for (const body of [{ flat_id: 1 }, { flat_id: 1, is_analog_line_available: true }]) {
      expect(await world.patch(body)).toMatchObject({ status: 200, body: flat10() });
    }
    expect(await stored(world)).toEqual(UNTOUCHED);
    expect(await world.rows('select * from changes')).toEqual([]);
  });

  it.each<[string, object, number, object]>([
    ['record id', { flat_id: 1, ...off }, 200, flat10({ analog: false })],
    ['record id with its intercom', { intercom_id: 1, flat_id: 1, ...off }, 200, flat10({ analog: false })],
    ['no line sent', { intercom_id: 1, flat: 10 }, 200, flat10()],
    ['unknown keys beside good ones', { intercom_id: 1, flat: 10, colour: 'red', reason: 5 }, 200, flat10()],
    [
      'record id with another intercom',
      { intercom_id: 2, flat_id: 1, ...off },
      422,
      {
        message: 'The flat named by flat_id belongs to another intercom.',
        errors: { flat_id: ['The flat named by flat_id belongs to another intercom.'] },
      },
    ],
    [
      'both flat and flat_id',
      { intercom_id: 1, flat: 10, flat_id: 1, ...off },
      422,
      {
        message: 'Send either flat or flat_id, not both. (and 1 more error)',
        errors: {
          flat: ['Send either flat or flat_id, not both.'],
          flat_id: ['Send either flat_id or flat, not both.'],
        },
      },
    ],
    [
      'neither',
      { intercom_id: 1, ...off },
      422,
      {
        message: 'Send flat or flat_id. (and 1 more error)',
        errors: { flat: ['Send flat or flat_id.'], flat_id: ['Send flat_id or flat.'] },
      },
    ],
    [
      'neither, and no intercom',
      off,
      422,
      {
        message: 'intercom_id is required. (and 2 more errors)',
        errors: {
          intercom_id: ['intercom_id is required.'],
          flat: ['Send flat or flat_id.'],
          flat_id: ['Send flat_id or flat.'],
        },
      },
    ],
    [
      'flat without an intercom',
      { flat: 10, ...off },
      422,
      { message: 'intercom_id is required.', errors: { intercom_id: ['intercom_id is required.'] } },
    ],
    [
      'unknown intercom',
      { intercom_id: 9, flat: 10, ...off },
      422,
      {
        message: 'Nothing exists with this intercom_id.',
        errors: { intercom_id: ['Nothing exists with this intercom_id.'] },
      },
    ],
    [
      'unknown intercom beside an unknown record id',
      { intercom_id: 9, flat_id: 99, ...off },
      422,
      {
        message: 'Nothing exists with this intercom_id.',
        errors: { intercom_id: ['Nothing exists with this intercom_id.'] },
      },
    ],
    [
      'unknown number',
      { intercom_id: 1, flat: 99, ...off },
      422,
      {
        message: 'The intercom has no flat with this number (flat).',
        errors: { flat: ['The intercom has no flat with this number (flat).'] },
      },
    ],
    [
      'unknown record id',
      { flat_id: 99, ...off },
      422,
      { message: 'Nothing exists with this flat_id.', errors: { flat_id: ['Nothing exists with this flat_id.'] } },
    ],
    [
      'zero and negative',
      { intercom_id: 0, flat: -1, is_analog_line_available: null },
      422,
      {
        message: 'intercom_id must be a whole number, 1 or more. (and 2 more errors)',
        errors: {
          intercom_id: ['intercom_id must be a whole number, 1 or more.'],
          flat: ['flat must be a whole number, 1 or more.'],
          is_analog_line_available: ['is_analog_line_available must be true or false.'],
        },
      },
    ],
  ])('answers to %s', async (_, body, status, expected) => {
    await using world = await start({ flats: BUILDING });
    const answer = await world.patch(body);
    expect({ status: answer.status, body: answer.body }).toEqual({ status, body: expected });
    if (status === 422) {
      expect(await stored(world)).toEqual(UNTOUCHED);
      expect(await world.rows('select * from changes')).toEqual([]);
    }
  });

  it('answers in Russian to those who prefer it', async () => {
    await using world = await start({ flats: BUILDING });
    const russian = { 'accept-language': 'ru-RU,ru;q=0.9,en;q=0.8' };
    expect((await world.patch({ intercom_id: 1, flat: 10, flat_id: 10 }, russian)).body).toEqual({
      message: 'Укажите что-то одно: flat или flat_id. (и ещё ошибок: 1)',
      errors: {
        flat: ['Укажите что-то одно: flat или flat_id.'],
        flat_id: ['Укажите что-то одно: flat_id или flat.'],
      },
    });
    expect((await world.patch('{', russian)).body).toEqual({
      message: 'Тело запроса не является корректным JSON.',
      errors: { body: ['Тело запроса не является корректным JSON.'] },
    });
    const unknown = await fetch(`${world.url}/nowhere`, { headers: russian });
    expect(await unknown.json()).toEqual({ message: 'По этому адресу ничего нет.' });
  });
});

describe('the coercion of a value', () => {
  const INTEGERS = ['10', '"10"', '" 10 "', '"+10"', '10.0', '1e1'];
  const NO_INTEGERS = [
    ...['true', 'false', '10.5', '"10.0"', '"010"', '"1e3"', '"0x1A"', '[]', '{}', '9007199254740992'],
    ...['"9007199254740992"', '0', '-1', '"-1"', '"0"', '"true"', '"on"', '[10]', '1e400', '"١٠"'],
  ];
  const BOOLEANS: [string, boolean][] = [
    ...(['true', '1', '"1"', '1.0'].map((it) => [it, true]) as [string, boolean][]),
    ...(['false', '0', '"0"'].map((it) => [it, false]) as [string, boolean][]),
  ];
  const NO_BOOLEANS = [
    '10',
    '"true"',
    '"false"',
    '"on"',
    '2',
    '1.5',
    '-1',
    'null',
    '""',
    '" 1 "',
    '[]',
    '{}',
    '[true]',
  ];

  it('accepts whole numbers as old callers write them', async () => {
    await using world = await start({ flats: BUILDING });
    for (const value of INTEGERS) {
      const answer = await world.patch(`{"intercom_id":1,"flat":${value}}`);
      expect([value, answer.status, answer.body]).toEqual([value, 200, flat10()]);
    }
    for (const value of ['1', '"1"', '" 1"']) {
      const answer = await world.patch(`{"flat_id":${value}}`);
      expect([value, answer.status, answer.body]).toEqual([value, 200, flat10()]);
    }
  });

  it('refuses what is no whole number of 1 or more', async () => {
    await using world = await start({ flats: BUILDING });
    for (const value of NO_INTEGERS) {
      const answer = await world.patch(`{"intercom_id":1,"flat":${value}}`);
      const text = 'flat must be a whole number, 1 or more.';
      expect([value, answer.status, answer.body]).toEqual([value, 422, { message: text, errors: { flat: [text] } }]);
    }
  });

  it('takes null and the empty text for an absent number', async () => {
    await using world = await start({ flats: BUILDING });
    for (const value of ['null', '""', '" "']) {
      const answer = await world.patch(`{"intercom_id":${value},"flat":${value},"flat_id":1}`);
      expect([value, answer.status, answer.body]).toEqual([value, 200, flat10()]);
    }
  });

  it('accepts switches as old callers write them', async () => {
    await using world = await start({ flats: BUILDING });
    for (const [value, analog] of BOOLEANS) {
      const answer = await world.patch(`{"flat_id":1,"is_analog_line_available":${value}}`);
      expect([value, answer.status, answer.body]).toEqual([value, 200, flat10({ analog })]);
    }
  });

  it('refuses what is no switch, and changes nothing then', async () => {
    await using world = await start({ flats: BUILDING });
    for (const value of NO_BOOLEANS) {
      const answer = await world.patch(
        `{"flat_id":1,"is_landline_sip_line_available":false,"is_analog_line_available":${value}}`,
      );
      const text = 'is_analog_line_available must be true or false.';
      const body = { message: text, errors: { is_analog_line_available: [text] } };
      expect([value, answer.status, answer.body]).toEqual([value, 422, body]);
    }
    expect(await stored(world)).toEqual(UNTOUCHED);
  });
});

describe('the body', () => {
  it.each([
    ['JSON without a content type of its own', '{"flat_id":1}', 'text/plain'],
    ['JSON that says it is something odd', '{"flat_id":1}', 'nonsense'],
    ['JSON under the content type of a form, as curl sends it', ' {"flat_id":1}', 'application/x-www-form-urlencoded'],
    ['JSON after a byte order mark', '\ufeff{"flat_id":1}', 'application/json'],
    ['a form', 'flat_id=1', 'application/x-www-form-urlencoded'],
    ['a form with a charset', 'flat_id=+1+&x=%20', 'Application/X-WWW-Form-Urlencoded; charset=UTF-8'],
  ])('may be %s', async (_, body, contentType) => {
    await using world = await start({ flats: BUILDING });
    const answer = await world.patch(body, { 'content-type': contentType });
    expect({ status: answer.status, body: answer.body }).toEqual({ status: 200, body: flat10() });
  });

  it('carries switches in a form', async () => {
    await using world = await start({ flats: BUILDING });
    const answer = await world.patch('intercom_id=1&flat=10&is_analog_line_available=0', {
      'content-type': 'application/x-www-form-urlencoded',
    });
    expect(answer.body).toEqual(flat10({ analog: false }));
  });

  it('carries switches as words of any case in a form, and only there', async () => {
    await using world = await start({ flats: BUILDING });
    const form = (value: string) =>
      world.patch(new URLSearchParams({ flat_id: '1', is_analog_line_available: value }).toString(), {
        'content-type': 'application/x-www-form-urlencoded',
      });
    for (const [word, analog] of [
      ['false', false],
      ['True', true],
      ['FALSE', false],
      ['tRUE', true],
    ] as const) {
      expect([word, (await form(word)).body]).toEqual([word, flat10({ analog })]);
      expect([word, (await world.patch({ flat_id: 1, is_analog_line_available: word })).status]).toEqual([word, 422]);
    }
    for (const word of ['', ' true', 'true ', 'yes', 'on', 'off', 'truefalse', 'fal\u017fe', '2']) {
      const text = 'is_analog_line_available must be true or false.';
      const { status, body } = await form(word);
      expect([word, status, body]).toEqual([
        word,
        422,
        { message: text, errors: { is_analog_line_available: [text] } },
      ]);
    }
    // A body of JSON is JSON under whatever type.
    const json = '{"flat_id":1,"is_analog_line_available":"true"}';
    expect((await world.patch(json, { 'content-type': 'application/x-www-form-urlencoded' })).status).toBe(422);
  });

  it('counts as {} when it is empty', async () => {
    await using world = await start({ flats: BUILDING });
    // PHP writes an empty array of fields as a list.
    for (const body of ['', ' \n', '[]', '\ufeff[]']) {
      expect(await world.patch(body)).toMatchObject({
        status: 422,
        body: { message: 'intercom_id is required. (and 2 more errors)' },
      });
    }
  });

  it.each([
    ['{', 'The body is not valid JSON.'],
    ['flat_id=1', 'The body is not valid JSON.'],
    ['[1]', 'The body must be a JSON object.'],
    ['null', 'The body must be a JSON object.'],
    ['"text"', 'The body must be a JSON object.'],
    ['1', 'The body must be a JSON object.'],
  ])('is refused when it is %s', async (body, text) => {
    await using world = await start({ flats: BUILDING });
    const answer = await world.patch(body);
    expect({ status: answer.status, body: answer.body }).toEqual({
      status: 422,
      body: { message: text, errors: { body: [text] } },
    });
  });

  it('is refused when its bytes are not UTF-8, whatever charset it claims', async () => {
    await using world = await start({ flats: BUILDING });
    const bytes = Buffer.from('{"flat_id":1,"is_analog_line_available":false,"note":"\xcf\xf0"}', 'latin1');
    for (const type of ['application/json', 'application/json; charset=windows-1251', 'text/plain']) {
      const { status, body } = await world.patch(bytes, { 'content-type': type });
      const text = 'The body is not valid UTF-8.';
      expect([status, body]).toEqual([422, { message: text, errors: { body: [text] } }]);
    }
    const ascii = await world.patch('{"flat_id":1}', { 'content-type': 'application/json; charset=windows-1251' });
    expect([ascii.status, ascii.body]).toEqual([200, flat10()]);
  });

  it('is refused beyond 64 KB, whether it declares its length or comes in chunks', async () => {
    await using world = await start({ flats: BUILDING });
    const large = `{"flat_id":1,"x":"${'x'.repeat(64 * 1024)}"}`;
    const refused = { message: 'The body is too large: at most 65536 bytes.' };
    const declared = await world.patch(large);
    expect({ status: declared.status, body: declared.body }).toEqual({ status: 413, body: refused });
    const chunked = await fetch(`${world.url}/api/v1/billing/intercom-flats`, {
      method: 'PATCH',
      body: new Blob([large]).stream(),
      duplex: 'half',
    } as RequestInit);
    expect({ status: chunked.status, body: await chunked.json() }).toEqual({ status: 413, body: refused });
    expect((await world.patch({ flat_id: 1 })).status).toBe(200);
  });
});

describe('what is not a method of this path', () => {
  it.each(['POST', 'PUT', 'DELETE', 'OPTIONS'])('%s gets 405', async (method) => {
    await using world = await start();
    const response = await fetch(`${world.url}/api/v1/billing/intercom-flats`, { method });
    expect([response.status, response.headers.get('allow'), await response.json()]).toEqual([
      405,
      'GET, HEAD, PATCH',
      { message: 'This method is not allowed here; allowed: GET, HEAD, PATCH.' },
    ]);
  });

  it('gets 404 elsewhere', async () => {
    await using world = await start();
    const response = await fetch(`${world.url}/api/v1/billing/intercom-flat`, { method: 'PATCH' });
    expect([response.status, await response.json()]).toEqual([404, { message: 'Unknown path.' }]);
  });
});

const CHANGED = 'The flat was changed by another caller: its version is not the expected one.';
const UNUSABLE =
  'If-Match has no version that can match: send a strong ETag in quotation marks, as in an answer, like "3".';

describe('If-Match', () => {
  it.each<[string, number, string?]>([
    ['"1"', 200],
    ['"7", "1"', 200],
    ['*', 200],
    ['"2"', 412],
    ['W/"1"', 412, UNUSABLE],
    ['1', 412, UNUSABLE],
    ['', 412, UNUSABLE],
    ['W/"1", "2"', 412],
    ['"x"', 412],
  ])('%s answers %i to a flat of version 1', async (header, status, message = CHANGED) => {
    await using world = await start({ flats: BUILDING });
    const answer = await world.patch({ flat_id: 1, ...off }, { 'if-match': header });
    expect([answer.status, answer.headers.get('etag')]).toEqual(status === 200 ? [200, '"2"'] : [412, '"1"']);
    if (status === 412) {
      expect(answer.body).toEqual({ message });
      expect(await stored(world)).toEqual(UNTOUCHED);
    }
  });
});
