import { readFileSync } from 'node:fs';
import { rename } from 'node:fs/promises';
import { Validator } from '@seriousme/openapi-schema-validator';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import about from '../../package.json' with { type: 'json' };
import { LINES } from '../../src/domain/lines.ts';
import { REST_PATH } from '../../src/rest/address.ts';
import { restName } from '../../src/rest/body.ts';
import { printOpenApi } from '../../src/rest/openapi.ts';
import { rawHttp } from '../support/raw-http.ts';
import { BUILDING, type RestAnswer, STORE, type StartOptions, start, type World } from '../support/start.ts';
import { CHECK, contradictions, DOCUMENT, isGoodBody, type Operation, READ, UPDATE } from './described.ts';

const PATH = '/api/openapi.json';
const PRINTED = readFileSync(new URL('../../src/rest/openapi.json', import.meta.url), 'utf8');
const FORM = { 'content-type': 'application/x-www-form-urlencoded' };

it('is the one that is printed in the repository (npm run schema), of the version of the package', () => {
  expect(printOpenApi(about.version)).toBe(PRINTED);
  expect(JSON.parse(PRINTED).info).toMatchObject({
    version: about.version,
    license: { name: expect.any(String) },
    contact: { name: expect.any(String) },
  });
});

it('is valid OpenAPI 3.1, and is served as it is printed', async () => {
  await using world = await start();
  expect(await new Validator().validate(JSON.parse(PRINTED))).toEqual({ valid: true });
  const answer = await fetch(world.url + PATH);
  expect([answer.status, answer.headers.get('content-type'), await answer.text()]).toEqual([
    200,
    'application/json',
    PRINTED,
  ]);
});

it('names every operation once, with tags that it describes', () => {
  const operations = [READ, CHECK, UPDATE];
  expect(new Set(operations.map((it) => it.operationId)).size).toBe(operations.length);
  const tags = DOCUMENT.tags.map((it) => it.name);
  for (const { tags: used } of operations) expect(tags).toEqual(expect.arrayContaining(used));
});

/** An answer that came in bytes. */
function fromBytes(text: string): RestAnswer {
  const [head = '', body = ''] = text.split('\r\n\r\n');
  const [line = '', ...fields] = head.split('\r\n');
  const headers = new Headers(fields.map((it) => it.split(/: (.*)/s).slice(0, 2) as [string, string]));
  return { status: Number(line.split(' ')[1]), headers, body: JSON.parse(body) };
}

const patch =
  (body: unknown, headers: Record<string, string> = {}) =>
  (world: World) =>
    world.patch(body, headers);

const raw =
  (headers: string, line = `PATCH ${REST_PATH} HTTP/1.1`) =>
  async (world: World) =>
    fromBytes(await rawHttp(world.url, `${line}\r\n${headers}\r\n\r\n`));

async function asked(world: World, path: string, init: RequestInit = {}): Promise<RestAnswer> {
  const response = await fetch(world.url + path, init);
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: text === '' ? undefined : JSON.parse(text) };
}

type Ask = (world: World) => Promise<RestAnswer>;

const get =
  (query: string, headers: Record<string, string> = {}) =>
  (world: World) =>
    asked(world, `${REST_PATH}${query}`, { headers });

const ANSWERS: readonly (readonly [status: number, name: string, ask: Ask, options?: StartOptions])[] = [
  [200, 'an update', patch({ flat_id: 1, is_analog_line_available: false })],
  [200, 'an update that changes nothing', patch({ intercom_id: '1', flat: ' 11 ' })],
  [200, 'a form', patch('flat_id=1&is_analog_line_available=0', FORM)],
  [200, 'a form with words', patch('flat_id=1&is_analog_line_available=FALSE', FORM)],
  [200, 'unknown keys', patch({ flat_id: 1, '': 1, 'a, b': 2, ...Object.fromEntries(linesOf(true)), é: [] })],
  [422, 'an empty body', patch('')],
  [422, 'no JSON', patch('{')],
  [422, 'no object', patch([1])],
  [422, 'everything wrong', patch({ flat: 0, flat_id: 'x', ...Object.fromEntries(linesOf(null)) })],
  [422, 'an unknown intercom', patch({ intercom_id: 9, flat: 1 })],
  [422, 'an unknown flat', patch({ flat_id: 99 })],
  [422, 'a flat of another intercom', patch({ intercom_id: 2, flat_id: 1 }, { 'accept-language': 'ru' })],
  [412, 'another version', patch({ flat_id: 1 }, { 'if-match': '"7"' })],
  [413, 'a large body', patch('x'.repeat(70_000))],
  [415, 'a compressed body', patch({ flat_id: 1 }, { 'content-encoding': 'gzip' })],
  [417, 'an expectation', raw('Host: localhost\r\nExpect: tea')],
  [405, 'another method', (world) => asked(world, REST_PATH, { method: 'POST' })],
  [404, 'another path', (world) => asked(world, `${REST_PATH}/1`)],
  [400, 'no HTTP', raw('x')],
  [403, 'another host', raw('Host: flats.example')],
  [431, 'large headers', raw(`Host: localhost\r\nX: ${'x'.repeat(20_000)}`)],
  [
    401,
    'no token',
    async (world) => {
      await world.bearer('read');
      return world.patch({ flat_id: 1 });
    },
  ],
  [401, 'a bad token', patch({ flat_id: 1 }, { authorization: 'Bearer x' })],
  [403, 'a token that may only read', async (world) => world.patch({ flat_id: 1 }, await world.bearer('read'))],
  [
    503,
    'a busy storage',
    async (world) => {
      await using _ = await world.lock();
      return await world.patch({ flat_id: 1, is_analog_line_available: false });
    },
    { lockTimeoutMs: 1_000 },
  ],
  [
    500,
    'a fault',
    async (world) => {
      await world.run('drop table keys');
      return world.patch({ flat_id: 1, is_analog_line_available: false });
    },
  ],
];

async function withoutToken(world: World, ask: Ask): Promise<RestAnswer> {
  await world.bearer('read');
  return ask(world);
}

const READS: typeof ANSWERS = [
  [200, 'a flat by its number', get('?intercom_id=1&flat=10')],
  [200, 'a flat by its record id, beside an unknown key', get('?flat_id=%201&flat_ids=2')],
  [422, 'no query', get('')],
  [422, 'both names', get('?intercom_id=1&flat=10&flat_id=1')],
  [422, 'an unknown flat', get('?flat_id=99&&=&x')],
  [400, 'no HTTP', raw('x', `GET ${REST_PATH} HTTP/1.1`)],
  [401, 'no token', (world) => withoutToken(world, get('?flat_id=1'))],
  [403, 'another host', raw('Host: flats.example', `GET ${REST_PATH} HTTP/1.1`)],
  [404, 'another path', get('/1')],
  [417, 'an expectation', raw('Host: localhost\r\nExpect: tea', `GET ${REST_PATH} HTTP/1.1`)],
  [431, 'a long query', get(`?x=${'x'.repeat(20_000)}`)],
  [
    500,
    'a fault',
    async (world) => {
      await world.run('alter table flats rename to gone');
      return get('?flat_id=1')(world);
    },
  ],
  [
    503,
    'a lost database',
    async (world) => {
      if (STORE === 'postgres') await world.store[Symbol.asyncDispose]();
      else await rename(world.file, `${world.file}.gone`);
      // It is noticed by the next commit.
      await world.patch({ flat_id: 1, is_analog_line_available: false });
      return get('?flat_id=1')(world);
    },
  ],
];

function linesOf<T>(value: T): [string, T][] {
  return LINES.map(restName).map((it) => [it, value]);
}

it.each(ANSWERS.map(([status, name, ask, options]) => ({ status, name, ask, options })))(
  'says truly how $status looks: $name',
  async ({ status, ask, options }) => {
    await using world = await start({ flats: BUILDING, ...options });
    const answer = await ask(world);
    expect([answer.status, contradictions(answer)]).toEqual([status, []]);
  },
);

it.each(READS.map(([status, name, ask]) => ({ status, name, ask })))(
  'says truly how $status looks of a read: $name',
  async ({ status, ask }) => {
    await using world = await start({ flats: BUILDING });
    const answer = await ask(world);
    expect([answer.status, contradictions(answer, READ)]).toEqual([status, []]);
  },
);

it('says truly how a read without a body looks', async () => {
  await using world = await start({ flats: BUILDING });
  for (const [query, status] of [
    ['?flat_id=1', 200],
    ['?flat_id=99&x=', 422],
  ] as const) {
    const answer = await asked(world, REST_PATH + query, { method: 'HEAD' });
    expect([answer.status, contradictions(answer, CHECK)]).toEqual([status, []]);
  }
});

it.each<[string, Operation, typeof ANSWERS]>([
  ['updates', UPDATE, ANSWERS],
  ['reads', READ, READS],
])('has every answer that it describes in the table of %s', (_, { responses }, table) => {
  const inTable = new Set(table.map(([status]) => status));
  // Those two are for the tests of the limits.
  expect(
    Object.keys(responses)
      .map(Number)
      .filter((it) => !inTable.has(it)),
  ).toEqual([408, 429]);
});

it('has examples that work', async () => {
  await using world = await start({ flats: BUILDING });
  const { 'application/json': json, 'application/x-www-form-urlencoded': form } = UPDATE.requestBody.content;
  for (const { value } of Object.values<{ value: object }>(json.examples)) {
    expect([isGoodBody(value), (await world.patch(value)).status]).toEqual([true, 200]);
  }
  for (const { value } of Object.values<{ value: Record<string, string> }>(form.examples)) {
    const text = new URLSearchParams(value).toString();
    expect([isGoodBody(value, 'Form'), (await world.patch(text, FORM)).status]).toEqual([true, 200]);
  }
  const bodies = [
    [200, await world.patch({ ...json.examples.byNumber.value, is_smartphone_sip_line_available: true })],
    [422, await world.patch({ intercom_id: 1, flat: 10, flat_id: 1 })],
  ] as const;
  for (const [status, { body }] of bodies) {
    expect(UPDATE.responses[status].content['application/json'].example).toEqual(body);
    expect(READ.responses[status].content['application/json'].example).toEqual(body);
  }
  await world.patch({ flat_id: 1, is_analog_line_available: false });
  const named = (...names: string[]) =>
    new URLSearchParams(READ.parameters.filter((it) => names.includes(it.name)).map((it) => [it.name, it.example]));
  for (const [query, status] of [
    [named('flat_id'), 200],
    [named('flat_id', 'intercom_id'), 200],
    [named('intercom_id', 'flat'), 200],
    [named('intercom_id', 'flat', 'flat_id'), 422],
  ] as const) {
    const answer = await asked(world, `${REST_PATH}?${query}`);
    expect([answer.status, answer.body]).toEqual([status, READ.responses[status].content['application/json'].example]);
  }
});

/** Refusals of what the flats are, not of the shape of the body. */
const BY_STATE = /^(Nothing exists|The intercom has no flat|The flat named by)/;

/** Whether a body was refused for its shape. */
function isRefusedForShape({ status, body }: RestAnswer): boolean {
  expect([200, 422]).toContain(status);
  if (status === 200) return false;
  const texts = Object.values((body as { errors: Record<string, string[]> }).errors).flat();
  return !texts.every((it) => BY_STATE.test(it));
}

const numberText = fc
  .tuple(
    fc.constantFrom('', ' ', '\u00a0\n', '+', ' +', '-', '0', '+ '),
    fc.oneof(
      fc.constantFrom('', '0', '1', '10', '1e3', '10.0', '0x1A', '9007199254740991', '12345678901234567'),
      fc.string(),
    ),
    fc.constantFrom('', ' ', '\t', '.'),
  )
  .map((parts) => parts.join(''));
const numeric = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom<unknown>(1, 2, 10, 11, '1', '10') },
  { weight: 2, arbitrary: fc.constantFrom<unknown>(null, '', ' ', 0, -1, 10.5, true, 2 ** 53, 2 ** 53 - 1, [], {}) },
  numberText,
  fc.jsonValue(),
);
const switched = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom<unknown>(true, false, 1, 0, '1', '0') },
  { weight: 1, arbitrary: fc.constantFrom<unknown>(null, '', 2, 1.5, 'true', 'on', ' 1', [], '01') },
  { weight: 1, arbitrary: fc.jsonValue() },
);
const sane = fc.constantFrom<unknown>(1, 2, 10, 11, '1', '10', ' +2');
const absent = fc.constantFrom<unknown>(null, '', ' \t');
const lines = Object.fromEntries(linesOf(switched));
const nearlyGood = fc.oneof(
  fc.record({ intercom_id: sane, flat: sane, flat_id: absent, ...lines }, { requiredKeys: ['intercom_id', 'flat'] }),
  fc.record(
    { flat_id: sane, flat: absent, intercom_id: fc.oneof(sane, absent), ...lines },
    { requiredKeys: ['flat_id'] },
  ),
);
const anyBody = fc.record(
  {
    intercom_id: numeric,
    flat: numeric,
    flat_id: numeric,
    ...Object.fromEntries(linesOf(switched)),
    other: fc.jsonValue(),
  },
  { requiredKeys: [] },
);

it('tells of every body whether its shape is good', async () => {
  await using world = await start({ flats: BUILDING });
  const seen = { good: 0, bad: 0 };
  await fc.assert(
    fc.asyncProperty(
      fc.oneof({ weight: 4, arbitrary: nearlyGood }, { weight: 4, arbitrary: anyBody }, fc.jsonValue()),
      async (value) => {
        const body: unknown = JSON.parse(JSON.stringify(value));
        const good = isGoodBody(body);
        seen[good ? 'good' : 'bad']++;
        const answer = await world.patch(JSON.stringify(body));
        expect([good, isRefusedForShape(answer), contradictions(answer)]).toEqual([good, !good, []]);
      },
    ),
    { numRuns: 1_000, seed: 31 },
  );
  expect(Math.min(seen.good, seen.bad)).toBeGreaterThan(200);
});

it('tells of every form whether its shape is good', async () => {
  await using world = await start({ flats: BUILDING });
  const field = fc.oneof({ weight: 4, arbitrary: fc.constantFrom('1', '0', '10', '', '+1', ' 2 ') }, numberText);
  const word = fc.oneof({ weight: 4, arbitrary: fc.constantFrom('1', '0', 'true', 'FALSE', 'tRuE') }, field);
  const form = fc.record(
    { intercom_id: field, flat: field, flat_id: field, other: field, ...Object.fromEntries(linesOf(word)) },
    { requiredKeys: [] },
  );
  await fc.assert(
    fc.asyncProperty(form, async (fields) => {
      const answer = await world.patch(new URLSearchParams(fields as Record<string, string>).toString(), FORM);
      const good = isGoodBody({ ...fields }, 'Form');
      expect([good, isRefusedForShape(answer), contradictions(answer)]).toEqual([good, !good, []]);
    }),
    { numRuns: 300, seed: 31 },
  );
});

// What the description cannot say.
it.each([['a pattern cannot compare: a text of 16 digits may be too large', { flat_id: '9007199254740992' }]])(
  '%s',
  async (_, body) => {
    await using world = await start({ flats: BUILDING });
    expect([isGoodBody(body), (await world.patch(body)).status]).toEqual([true, 422]);
  },
);

it('is for those who may read or use the route, and for no stranger', async () => {
  await using world = await start({ introspection: false });
  const status = async (headers: Record<string, string>) => (await fetch(world.url + PATH, { headers })).status;
  expect([await status({}), await status({ 'x-forwarded-for': '10.1.2.3' })]).toEqual([200, 403]);
  const [read, write] = [await world.bearer('read'), await world.bearer('write')];
  expect([
    await status({}),
    await status({ authorization: 'Bearer x' }),
    await status(read),
    await status(write),
  ]).toEqual([401, 401, 200, 200]);
});

it('is not for trusted networks, which may use the route and nothing else', async () => {
  await using world = await start({ trustedNetworks: ['127.0.0.1'] });
  await world.bearer('read');
  expect((await fetch(world.url + PATH)).status).toBe(401);
});

it('is sent once to those who keep it', async () => {
  await using world = await start();
  const ask = async (method: string, etag?: string) => {
    const answer = await fetch(world.url + PATH, { method, headers: etag ? { 'if-none-match': etag } : {} });
    const { headers } = answer;
    return {
      status: answer.status,
      etag: headers.get('etag'),
      cache: headers.get('cache-control'),
      text: await answer.text(),
    };
  };
  const { etag, ...first } = await ask('GET');
  expect(first).toMatchObject({ status: 200, cache: 'private, no-cache', text: PRINTED });
  expect(etag).toMatch(/^"[\w-]{16}"$/);
  expect(await ask('HEAD')).toEqual({ ...first, etag, text: '' });
  const unchanged = { status: 304, etag, cache: 'private, no-cache', text: '' };
  expect([await ask('GET', `W/${etag}`), await ask('HEAD', `"x", ${etag}`), await ask('GET', '*')]).toEqual([
    unchanged,
    unchanged,
    unchanged,
  ]);
  expect((await ask('GET', '"x"')).status).toBe(200);
  const posted = await fetch(world.url + PATH, { method: 'POST' });
  expect([posted.status, posted.headers.get('allow'), await posted.json()]).toEqual([
    405,
    'GET, HEAD',
    { message: 'This method is not allowed here; allowed: GET, HEAD.' },
  ]);
});
