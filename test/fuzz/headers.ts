import type { Headers } from './input.ts';
import type { Random } from './random.ts';

/** What callers show, by scope; a run has tokens of its own. */
export type Tokens = Readonly<Record<'read' | 'write' | 'admin', string>>;

const ACCEPTS = [
  ...['application/json', '*/*', 'application/graphql-response+json', 'text/event-stream', 'application/*', 'text/*'],
  ...[
    '',
    ',',
    '*',
    ';q=',
    'application/json;charset=utf-16',
    'application/json;q=0',
    'a/b',
    'multipart/mixed',
    'text/html',
  ],
];
const LANGUAGES = ['ru', 'en', 'ru;q=0.5, en;q=0.4', 'ru;q=x', ';', '*', 'ru-RU', 'q=1', `${'ru,'.repeat(300)}en`];
const VERSIONS = [
  '*',
  '"1"',
  '"2"',
  'W/"1"',
  '"1", "2"',
  '1',
  '""',
  ',',
  '"',
  '"99999999999999999999"',
  '"1"'.repeat(200),
];
const TYPES = [
  ...['application/json', 'application/json; charset=utf-8', 'application/graphql+json', 'text/plain', '', ';'],
  ...['application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', 'application/json; charset=utf-16', 'a'],
  ...['APPLICATION/JSON', 'application/json;', 'application/graphql', 'application/xml'],
];
const HOSTS = ['localhost', '127.0.0.1:4000', '[::1]', 'evil.example', '', 'a b', '[', '%', '//', 'x:99999', '\u00e9'];
const FORWARDED = [
  '10.1.2.3',
  '10.1.2.3, 127.0.0.1',
  '::1',
  'x',
  '',
  ',',
  '999.1.1.1',
  '::ffff:1.2.3.4%eth0',
  '1,'.repeat(500),
];
const REQUEST_IDS = [
  'abc',
  '',
  'x'.repeat(5_000),
  '{"a":1}',
  '\u00e9',
  '"; drop table flats',
  '../../etc/passwd',
  '%00',
];
const OTHERS = [
  'Cookie',
  'Origin',
  'Referer',
  'User-Agent',
  'Via',
  'Forwarded',
  'If-None-Match',
  'Range',
  'TE',
  'Accept-Encoding',
];

/** A text as it may stand in a header. */
const field = (text: string): string => text.replace(/[\0\r\n]/g, ' ');

/** `Authorization`: mostly one that suffices, so that the request gets further than the door. */
export function authorization(random: Random, tokens: Tokens): Headers {
  const text = random.weighted<string | undefined>([
    [60, `Bearer ${tokens.write}`],
    [20, `Bearer ${tokens.admin}`],
    [10, `Bearer ${tokens.read}`],
    [4, undefined],
    [
      6,
      random.pick([
        '',
        'Bearer',
        'Bearer ',
        'bearer x',
        `Basic ${btoa('a:b')}`,
        `Bearer ifl_${'A'.repeat(43)}`,
        field(random.text(60)),
      ]),
    ],
  ]);
  return text === undefined ? [] : [['Authorization', text]];
}

/** Headers that a request may have beside those it needs. */
export function oddHeaders(random: Random): Headers {
  const odd = (name: string, known: readonly string[]) => (): Headers => [
    [name, random.chance(0.9) ? random.pick(known) : field(random.text(60))],
  ];
  const makers: readonly (() => Headers)[] = [
    odd('Accept', ACCEPTS),
    odd('Accept-Language', LANGUAGES),
    odd('If-Match', VERSIONS),
    odd('Content-Type', TYPES),
    odd('X-Forwarded-For', FORWARDED),
    odd('X-Request-Id', REQUEST_IDS),
    odd(random.pick(OTHERS), ['x', '', '*', 'https://evil.example', 'bytes=0-', 'trailers', 'gzip']),
  ];
  return random
    .times(
      random.weighted([
        [4, 0],
        [4, 1],
        [2, 2],
        [1, 5],
      ]),
      () => random.pick(makers)(),
    )
    .flat();
}

export const hostOf = (random: Random): string => (random.chance(0.9) ? 'localhost' : random.pick(HOSTS));
