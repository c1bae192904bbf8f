import { describe, expect, it } from 'vitest';
import { rawHttp } from '../support/raw-http.ts';
import { BUILDING, start } from '../support/start.ts';

const REST = '/api/v1/billing/intercom-flats';
const BODY = '{"intercom_id":1,"flat":10,"is_analog_line_available":false}';
const statusOf = (answer: string) => Number(answer.split(' ')[1]);
const bodyOf = (answer: string) => JSON.parse(answer.slice(answer.indexOf('\r\n\r\n') + 4));
/** An answer without what differs each time. */
const plain = (answer: string) => answer.replace(/^(Date|X-Request-Id): .*\r\n/gim, '');
const request = (line: string, headers = '', body = BODY) =>
  `${line} HTTP/1.1\r\nHost: localhost\r\n${headers}Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`;

describe('the legacy address', () => {
  it.each([
    [`PATCH ${REST}/`, ''],
    [`PATCH ${REST}//`, ''],
    [`PATCH /${REST}`, ''],
    ['PATCH //api//v1/billing///intercom-flats/', ''],
    [`PATCH ${REST}/?x=1`, ''],
    [`PATCH http://flats.example/${REST}/`, 'X: y\r\n'],
    [`POST ${REST}`, 'X-HTTP-Method-Override: PATCH\r\n'],
    [`POST /${REST}/`, 'x-http-method-override:  patch \r\n'],
  ])('%s with %j is answered byte for byte as the PATCH is', async (line, headers) => {
    await using world = await start({ flats: BUILDING });
    const { authorization } = await world.bearer('write');
    const sent = `Authorization: ${authorization}\r\n${headers}`;
    const answer = await rawHttp(world.url, request(line, sent));
    const same = await rawHttp(world.url, request(`PATCH ${REST}`, sent));
    expect([statusOf(answer), plain(answer)]).toEqual([200, plain(same)]);
    const refused = await rawHttp(world.url, request(line, sent, '{"flat_id":99}'));
    expect(plain(refused)).toBe(plain(await rawHttp(world.url, request(`PATCH ${REST}`, sent, '{"flat_id":99}'))));
  });

  it.each([
    [`POST ${REST}`, '', 405],
    [`POST ${REST}`, 'X-HTTP-Method-Override: DELETE\r\n', 405],
    [`POST ${REST}`, 'X-HTTP-Method-Override: GET\r\n', 405],
    [`GET ${REST}`, 'X-HTTP-Method-Override: PATCH\r\n', 422],
    [`PATCH ${REST}x`, '', 404],
    ['PATCH /api/v1/billing//', '', 404],
    ['POST //graphql', 'Content-Type: application/json\r\n', 404],
    ['POST /graphql/', 'X-HTTP-Method-Override: PATCH\r\n', 404],
  ])('%s with %j is not it', async (line, headers, status) => {
    await using world = await start({ flats: BUILDING });
    expect(statusOf(await rawHttp(world.url, request(line, headers)))).toBe(status);
    expect(await world.store.changesHead()).toBe(0);
  });

  it('asks a POST that means PATCH for the same scope and the same networks', async () => {
    const override = { 'x-http-method-override': 'PATCH' };
    const send = (url: string, headers: Record<string, string>) =>
      fetch(url + REST, { method: 'POST', headers: { ...override, ...headers }, body: BODY });
    await using world = await start({ flats: BUILDING, trustedNetworks: ['127.0.0.1'] });
    const read = await world.bearer('read');
    const write = await world.bearer('write');
    const statuses = [
      await send(world.url, read),
      await send(world.url, write),
      await send(world.url, {}),
      await send(world.url, { origin: 'https://evil.example' }),
    ].map((it) => it.status);
    expect(statuses).toEqual([403, 200, 200, 401]);
  });
});

describe('a request that Node would answer by itself', () => {
  it.each([
    ['without a Host', `GET / HTTP/1.1\r\nConnection: close\r\n\r\n`, 400, 'The request has no Host header.'],
    [
      'with two of them',
      `GET / HTTP/1.1\r\nHost: localhost\r\nhost: localhost\r\nConnection: close\r\n\r\n`,
      400,
      'The request has more than one Host header.',
    ],
    [
      'that expects what is not supported',
      `PATCH ${REST} HTTP/1.1\r\nHost: localhost\r\nExpect: tea\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}`,
      417,
      'The Expect header asks for something that is not supported; 100-continue is.',
    ],
  ])('%s gets a JSON body', async (_, bytes, status, message) => {
    await using world = await start();
    const answer = await rawHttp(world.url, bytes);
    expect([statusOf(answer), bodyOf(answer)]).toEqual([status, { message }]);
    expect(answer).toContain('Content-Type: application/json');
  });
});

it('nobody who speaks HTTP/1.0 is told to go on', async () => {
  await using world = await start({ flats: BUILDING, trustedNetworks: ['127.0.0.1'] });
  await world.bearer('read');
  const answer = await rawHttp(
    world.url,
    `PATCH ${REST} HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: ${BODY.length}\r\n\r\n${BODY}`,
  );
  expect([answer.includes('100 Continue'), statusOf(answer), bodyOf(answer)]).toEqual([
    ...[false, 200],
    expect.objectContaining({ flat: 10 }),
  ]);
});

describe('a body that cannot be read', () => {
  const ENCODED = 'The body has a Content-Encoding: send it uncompressed, without one.';
  const MULTIPART = 'A multipart body cannot be read: send JSON, or a form as application/x-www-form-urlencoded.';

  it.each([
    [{ 'content-encoding': 'gzip' }, ENCODED],
    [{ 'content-encoding': 'br, gzip' }, ENCODED],
    [{ 'content-type': 'multipart/form-data; boundary=x' }, MULTIPART],
    [{ 'content-type': 'Multipart/Mixed' }, MULTIPART],
  ])('is refused at REST for %j', async (headers, message) => {
    await using world = await start({ flats: BUILDING });
    const { status, body } = await world.patch(BODY, headers as Record<string, string>);
    expect([status, body]).toEqual([415, { message }]);
    expect((await world.patch(BODY, { 'content-encoding': 'identity' })).status).toBe(200);
  });

  it('is refused at GraphQL when it is compressed', async () => {
    await using world = await start();
    const answer = await world.gql('{ __typename }', {}, { 'content-encoding': 'gzip' });
    expect(answer).toEqual({ status: 415, errors: [{ message: ENCODED, extensions: { code: 'BAD_REQUEST' } }] });
  });
});

describe('HTTP/1.0, as a proxy speaks it that says nothing,', () => {
  const MESSAGE =
    'While there is no token, only requests from this machine are served, and an HTTP/1.0 request counts as forwarded by a proxy. Send HTTP/1.1, or create a token: npm run token -- create NAME --scope admin';
  const old = (path: string, headers = '') =>
    `PATCH ${path} HTTP/1.0\r\nHost: 127.0.0.1\r\n${headers}Content-Length: ${BODY.length}\r\n\r\n${BODY}`;

  it('is not this machine as long as there is no token', async () => {
    await using world = await start({ flats: BUILDING });
    const answers = [await rawHttp(world.url, old(REST)), await rawHttp(world.url, old('/metrics'))];
    expect(answers.map((it) => [statusOf(it), bodyOf(it)])).toEqual([
      [403, { message: MESSAGE }],
      [403, { message: MESSAGE }],
    ]);
    expect(await world.store.changesHead()).toBe(0);
  });

  it('earns no trust of this machine for metrics either', async () => {
    await using world = await start();
    await world.bearer('read');
    const scrape = (version: string) =>
      rawHttp(world.url, `GET /metrics HTTP/${version}\r\nHost: localhost\r\nConnection: close\r\n\r\n`);
    expect([statusOf(await scrape('1.1')), statusOf(await scrape('1.0'))]).toEqual([200, 401]);
  });

  it('is as good as another with a token, and from a trusted network', async () => {
    await using world = await start({ flats: BUILDING, trustedNetworks: ['127.0.0.0/8'] });
    const { authorization } = await world.bearer('write');
    expect(statusOf(await rawHttp(world.url, old(REST)))).toBe(200);
    expect(statusOf(await rawHttp(world.url, old(REST, `Authorization: ${authorization}\r\n`)))).toBe(200);
  });
});

describe('a 401', () => {
  it.each([
    [
      'Basic cmVhZDpyZWFk',
      'The scheme of the Authorization header must be Bearer: send "Authorization: Bearer TOKEN".',
    ],
    ['ifl_x', 'The scheme of the Authorization header must be Bearer: send "Authorization: Bearer TOKEN".'],
    ['Bearer ifl_x', 'The token is not valid.'],
    ['Bearer', 'The token is not valid.'],
  ])('for %s says what is wrong', async (authorization, message) => {
    await using world = await start();
    await world.bearer('read');
    const { status, body } = await world.patch({}, { authorization });
    expect([status, body]).toEqual([401, { message }]);
  });

  it('says when there is no token in the database at all', async () => {
    await using world = await start();
    const { status, body } = await world.patch({}, { authorization: 'Bearer ifl_x' });
    expect([status, body]).toEqual([
      401,
      {
        message:
          'No token is valid: the database of this service has none. Create one: npm run token -- create NAME --scope write',
      },
    ]);
  });
});
