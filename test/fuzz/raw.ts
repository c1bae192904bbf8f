import { REST_PATH } from '../../src/rest/address.ts';
import { graphqlInput } from './graphql.ts';
import type { Tokens } from './headers.ts';
import { type Headers, type Input, requestBytes } from './input.ts';
import type { Random } from './random.ts';
import { restInput } from './rest.ts';
import { mutated } from './values.ts';

/** A request that is answered with a body, unlike HEAD, so that it can be told where its answer ends. */
function wholeRequest(random: Random, tokens: Tokens): Buffer {
  for (;;) {
    const { pieces, headOnly } = (random.chance(0.7) ? restInput : graphqlInput)(random, tokens);
    if (!headOnly) return Buffer.concat(pieces);
  }
}

const patchOf = (tokens: Tokens, more: Headers, body: string): Buffer =>
  requestBytes(
    'PATCH',
    REST_PATH,
    [['Host', 'localhost'], ['Authorization', `Bearer ${tokens.write}`], ...more],
    Buffer.from(body),
  );

const BODY = '{"flat_id":1}';
const CHUNK_HEADS = [
  'zz',
  '-1',
  'ffffffffffffffffff',
  '',
  ' d',
  '0xd',
  `d;${'x'.repeat(20_000)}`,
  'd ; a="b',
  '\0',
  'd\n',
];
const LENGTHS = [
  '-1',
  '+13',
  '13, 13',
  '13,14',
  '0x0d',
  '1e1',
  '',
  ' ',
  '99999999999999999999',
  '13\u00a0',
  '12',
  '14',
  '1000',
];
const ENCODINGS = [
  'chunked',
  'chunked, chunked',
  'identity',
  'gzip, chunked',
  'xchunked',
  'chunked\u0001',
  ' chunked',
  'Chunked',
];
const LINES = [
  ...[
    'GET / HTTP/0.9',
    'GET / HTTP/1.0',
    'GET / HTTP/2.0',
    'GET / HTTP/9.9',
    'GET /',
    'GET',
    '',
    ' GET / HTTP/1.1',
    'get / http/1.1',
  ],
  ...[
    'OPTIONS * HTTP/1.1',
    'CONNECT localhost:80 HTTP/1.1',
    'GET //x HTTP/1.1',
    'GET http://[ HTTP/1.1',
    'GET ? HTTP/1.1',
  ],
  ...[
    'GET /%00 HTTP/1.1',
    'GET /\u00e9 HTTP/1.1',
    'GET /../../etc/passwd HTTP/1.1',
    `GET /${'a'.repeat(20_000)} HTTP/1.1`,
  ],
  ...[
    'PRI * HTTP/2.0',
    'M-SEARCH * HTTP/1.1',
    'POST /graphql/ HTTP/1.1',
    'GET /api/openapi.json HTTP/1.0',
    'GET /health HTTP/1.1',
  ],
];
const FIELDS = [
  ...[
    'Host : x',
    'Host',
    ': x',
    ' folded',
    'X: \0',
    'X\u00e9: 1',
    'Content-Length: 0\r\nContent-Length: 1',
    'Connection: upgrade\r\nUpgrade: websocket',
  ],
  ...[
    'Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: x',
    'Expect: 100-continue',
    'Expect: 417',
  ],
  ...[
    'Connection: close',
    'Connection: keep-alive, x',
    'Trailer: X',
    `X: ${'x'.repeat(17_000)}`,
    `${'A: b\r\n'.repeat(3_000)}A: b`,
  ],
];

/** Bytes that are no request, or more than one, or a part of one. */
export function rawInput(random: Random, tokens: Tokens): Input {
  const ending = random.chance(0.3) ? 'reset' : 'end';
  const of = (what: string, ...pieces: readonly (Buffer | string)[]): Input => ({
    ...{ kind: `raw ${what}`, whole: false, ending },
    pieces: pieces.map((it) => (typeof it === 'string' ? Buffer.from(it) : it)),
  });
  return random.weighted<() => Input>([
    [3, () => of('garbage', random.bytes(random.below(2_000)))],
    [1, () => of('TLS', Buffer.from([22, 3, 1, 2, 0, 1, 0, 1, 252, 3, 3, ...random.bytes(50)]))],
    [1, () => of('HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', random.bytes(30))],
    [
      4,
      () => {
        const bytes = wholeRequest(random, tokens);
        return of('cut short', bytes.subarray(0, random.below(bytes.length)));
      },
    ],
    [4, () => of('mutated', mutated(random, wholeRequest(random, tokens)))],
    [3, () => of('pipelined', Buffer.concat(random.times(random.between(2, 6), () => wholeRequest(random, tokens))))],
    [2, () => of('in pieces', ...piecesOf(random, wholeRequest(random, tokens)))],
    [
      2,
      () =>
        of(
          'chunks',
          patchOf(tokens, [['Transfer-Encoding', 'chunked']], `${random.pick(CHUNK_HEADS)}\r\n${BODY}\r\n0\r\n\r\n`),
        ),
    ],
    [
      1,
      () =>
        of(
          'trailers',
          patchOf(tokens, [['Transfer-Encoding', 'chunked']], `d\r\n${BODY}\r\n0\r\n${random.pick(FIELDS)}\r\n\r\n`),
        ),
    ],
    [2, () => of('length', patchOf(tokens, [['Content-Length', random.pick(LENGTHS)]], BODY))],
    [
      2,
      () =>
        of(
          'TE and CL',
          patchOf(
            tokens,
            [
              ['Transfer-Encoding', random.pick(ENCODINGS)],
              ['Content-Length', random.pick(LENGTHS)],
            ],
            `d\r\n${BODY}\r\n0\r\n\r\n`,
          ),
        ),
    ],
    [
      1,
      () =>
        of(
          'two hosts',
          patchOf(
            tokens,
            [
              ['Host', 'evil.example'],
              ['Content-Length', '13'],
            ],
            BODY,
          ),
        ),
    ],
    [2, () => of('body left out', patchOf(tokens, [['Content-Length', `${random.between(14, 60_000)}`]], BODY))],
    [2, () => of('line', `${random.pick(LINES)}\r\nHost: localhost\r\n\r\n`)],
    [2, () => of('field', `GET /graphql HTTP/1.1\r\nHost: localhost\r\n${random.pick(FIELDS)}\r\n\r\n`)],
    [1, () => of('bare LF', wholeRequest(random, tokens).toString('latin1').replaceAll('\r\n', '\n'))],
    [1, () => of('nothing')],
  ])();
}

function piecesOf(random: Random, bytes: Buffer): Buffer[] {
  const pieces: Buffer[] = [];
  for (let at = 0; at < bytes.length; ) {
    const length = random.between(1, Math.max(1, bytes.length >> 2));
    pieces.push(bytes.subarray(at, at + length));
    at += length;
  }
  return pieces;
}
