import { describe, expect, it } from 'vitest';
import { BUILDING, start } from '../support/start.ts';

const ORIGIN = 'https://dashboard.example';
const REST = '/api/v1/billing/intercom-flats';

const corsOf = ({ headers }: Response) =>
  Object.fromEntries([...headers].filter(([name]) => name === 'vary' || name.startsWith('access-control-')));
const READABLE = {
  vary: 'Origin',
  'access-control-allow-origin': ORIGIN,
  'access-control-expose-headers': 'ETag, Retry-After, RateLimit, RateLimit-Policy, X-Request-Id, X-Unknown-Keys',
};

describe('a page of an origin that is allowed', () => {
  it.each([
    ['/graphql', 'authorization,content-type'],
    [REST, 'authorization,if-match'],
    ['/graphql', 'traceparent, apollographql-client-name,last-event-id ,cache-control,X-Any_1'],
  ])('may ask first at %s, without a token, for %s', async (path, asked) => {
    await using world = await start({ corsOrigins: ['http://localhost:8080', ORIGIN] });
    await world.bearer('read');
    const answer = await fetch(world.url + path, {
      method: 'OPTIONS',
      headers: {
        origin: ORIGIN,
        'access-control-request-method': 'PATCH',
        'access-control-request-headers': asked,
      },
    });
    expect([answer.status, await answer.text(), corsOf(answer)]).toEqual([
      204,
      '',
      {
        ...READABLE,
        'access-control-allow-methods': 'GET, POST, PATCH',
        'access-control-allow-headers': asked,
        'access-control-max-age': '7200',
      },
    ]);
  });

  it('is not answered what are no names of headers', async () => {
    await using world = await start({ corsOrigins: [ORIGIN] });
    for (const asked of ['', 'a b', 'a,,b', 'a:b', '"x"']) {
      const answer = await fetch(`${world.url}/graphql`, {
        method: 'OPTIONS',
        headers: {
          origin: ORIGIN,
          'access-control-request-method': 'POST',
          'access-control-request-headers': asked,
        },
      });
      expect([answer.status, answer.headers.get('access-control-allow-headers')]).toEqual([204, null]);
    }
  });

  it('may read every answer: of both doors, of a stream, of a refusal', async () => {
    await using world = await start({ flats: BUILDING, corsOrigins: [ORIGIN] });
    const write = await world.bearer('write');
    const json = { origin: ORIGIN, 'content-type': 'application/json', ...write };
    const post = (query: string, more: Record<string, string> = {}) =>
      fetch(`${world.url}/graphql`, {
        method: 'POST',
        headers: { ...json, ...more },
        body: JSON.stringify({ query }),
      });
    const stream = await post('subscription { intercomFlatChanged { flatId } }', { accept: 'text/event-stream' });
    const answers = [
      stream,
      await post('{ changesHead }'),
      await post('{ nothing }'),
      await post('{ changesHead }', { accept: '*/json' }),
      await post('{ changesHead }', { authorization: 'Bearer x' }),
      await fetch(world.url + REST, { method: 'PATCH', headers: json, body: '{"flat_id":1}' }),
      await fetch(world.url + REST, { method: 'PATCH', headers: { origin: ORIGIN } }),
    ];
    expect(answers.map((it) => it.status)).toEqual([200, 200, 200, 200, 401, 200, 401]);
    expect(answers.map(corsOf)).toEqual(answers.map(() => READABLE));
    await stream.body?.cancel();
  });
});

it.each([
  ['no origin', [ORIGIN], undefined, { vary: 'Origin' }],
  ['another origin', [ORIGIN], 'https://evil.example', { vary: 'Origin' }],
  ['a part of it', [ORIGIN], 'https://dashboard.example.evil', { vary: 'Origin' }],
  ['another scheme', [ORIGIN], 'http://dashboard.example', { vary: 'Origin' }],
  ['a sandbox', [ORIGIN], 'null', { vary: 'Origin' }],
  ['any, while none is allowed', [], ORIGIN, {}],
])('a page of %s is told nothing: allowed %j, asked from %j', async (_, corsOrigins, origin, expected) => {
  await using world = await start({ corsOrigins });
  const headers = { ...(origin ? { origin } : {}), 'access-control-request-method': 'POST' };
  const answers = [
    await fetch(`${world.url}/graphql?query={changesHead}`, { headers }),
    await fetch(world.url + REST, { method: 'OPTIONS', headers }),
    await fetch(`${world.url}/graphql`, { method: 'OPTIONS', headers }),
  ];
  expect(answers.map(corsOf)).toEqual([expected, expected, expected]);
  expect(answers.slice(0, 2).map((it) => it.status)).toEqual([200, 405]);
});

it('a page of a stranger is not let in by asking first where only this machine is served', async () => {
  await using world = await start({ corsOrigins: [ORIGIN] });
  const headers = { origin: ORIGIN, 'access-control-request-method': 'POST', 'x-forwarded-for': '1.2.3.4' };
  expect((await fetch(`${world.url}/graphql`, { method: 'OPTIONS', headers })).status).toBe(403);
});
