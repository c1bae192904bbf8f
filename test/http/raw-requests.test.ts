import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { rawHttp } from '../support/raw-http.ts';
import { BUILDING, start } from '../support/start.ts';

const REST = '/api/v1/billing/intercom-flats';
const statusOf = (answer: string) => Number(answer.split(' ')[1]);
const bodyOf = (answer: string) =>
  JSON.parse(answer.slice(answer.indexOf('\r\n\r\n') + 4).replace(/^[0-9a-f]+\r\n|\r\n0\r\n\r\n$/g, ''));
const post = (path: string, body: string, headers = '') =>
  `POST ${path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n${headers}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
const READ = '{"query":"{ intercomFlat(by: { flatId: 1 }) { flatId } }"}';
const READ_ANSWER = { data: { intercomFlat: { flatId: '1' } } };

describe('a request of an odd shape', () => {
  it.each(['x:abc', 'a b', '[', '[::1', '%', 'x:99999', 'a/b?c#d', 'http://', ''])(
    'with the Host %j is answered as any other',
    async (host) => {
      await using world = await start({ flats: BUILDING });
      const { authorization } = await world.bearer('read');
      const request = post('/graphql', READ, `Authorization: ${authorization}\r\n`);
      const answer = await rawHttp(world.url, request.replace('Host: localhost', `Host: ${host}`));
      expect([statusOf(answer), bodyOf(answer)]).toEqual([200, READ_ANSWER]);
    },
  );

  it.each([
    ['GraphQL', post('http://flats.example/graphql', READ), READ_ANSWER],
    ['REST', post(`HTTP://flats.example:80${REST}?x=1`, '{"flat_id":1}').replace('POST', 'PATCH'), { id: 1 }],
  ])('that names the whole address reaches %s', async (_, request, expected) => {
    await using world = await start({ flats: BUILDING });
    const { authorization } = await world.bearer('write');
    const answer = await rawHttp(world.url, request.replace('Host', `Authorization: ${authorization}\r\nHost`));
    expect([statusOf(answer), bodyOf(answer)]).toMatchObject([200, expected]);
  });

  it.each([
    ['no HTTP', 'HELLO\r\n\r\n', 400, 'Malformed HTTP request.'],
    [
      'a wrong length',
      'POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: x\r\n\r\n',
      400,
      'Malformed HTTP request.',
    ],
    [
      'huge headers',
      `GET / HTTP/1.1\r\nHost: localhost\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`,
      431,
      'The headers are too large: at most 16384 bytes.',
    ],
  ])('that is %s is told in JSON', async (_, request, status, message) => {
    await using world = await start();
    const answer = await rawHttp(world.url, request);
    expect([statusOf(answer), bodyOf(answer)]).toEqual([status, { message }]);
  });
});

it('what comes after a whole request, and is none, takes nothing from its answer', async () => {
  await using world = await start({ flats: BUILDING });
  const body = '{"flat_id":1,"is_analog_line_available":false}';
  const answer = await rawHttp(world.url, `${post(REST, body).replace('POST', 'PATCH')}\0no HTTP\r\n\r\n`);
  expect([statusOf(answer), bodyOf(answer)]).toMatchObject([200, { properties: { is_analog_line_available: false } }]);
  expect(answer).toContain('Connection: close');
});

describe('a body that waits to be invited', () => {
  const expecting = (length: number) =>
    `PATCH ${REST} HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: ${length}\r\n\r\n`;

  it('is not invited when it is too large', async () => {
    await using world = await start();
    const answer = await rawHttp(world.url, expecting(99_999_999));
    expect(statusOf(answer)).toBe(413);
  });

  it('is invited when it fits', async () => {
    await using world = await start();
    expect(await rawHttp(world.url, expecting(13))).toBe('HTTP/1.1 100 Continue\r\n\r\n');
  });

  it('may come all the same, and another request after it', async () => {
    await using world = await start({ flats: BUILDING });
    const body = '{"flat_id":1}';
    const request = expecting(body.length) + body;
    const answer = await rawHttp(world.url, request + request, {
      isWhole: (text) => text.endsWith('}') && text.match(/ 200 /g)?.length === 2,
    });
    expect(answer.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 100', 'HTTP/1.1 200', 'HTTP/1.1 100', 'HTTP/1.1 200']);
    expect(answer).not.toContain('Connection: close');
  });
});

it('a body without an end is cut off soon after the 413', async () => {
  await using world = await start();
  const { hostname, port } = new URL(world.url);
  const socket = connect(Number(port), hostname).setEncoding('utf8');
  let answer = '';
  socket.on('data', (piece: string) => {
    answer += piece;
  });
  const ended = new Promise<void>((resolve) => socket.once('close', () => resolve()).once('error', () => {}));
  socket.write(`PATCH ${REST} HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n`);
  const chunk = `4000\r\n${'x'.repeat(0x4000)}\r\n`;
  const sending = setInterval(() => socket.write(chunk), 5);
  await ended;
  clearInterval(sending);
  expect(answer).toContain('HTTP/1.1 413 ');
});
