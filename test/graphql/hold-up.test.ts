import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { beside, nobodyHeldUp } from '../support/beside.ts';
import { TESTER } from '../support/origin.ts';
import { spawnServer } from '../support/spawn.ts';
import { tempDatabase } from '../support/temp-database.ts';

const lines = (count: number) => '\n'.repeat(count);
/** Eleven fields for each of 200 intercoms that all fail. */
const MANY_ERRORS = `{ intercoms(first: 200) { edges { node { ${Array.from({ length: 11 }, (_, i) => `a${i}: flats(first: -1) { totalCount }`).join(' ')} } } } }`;
const LIST = 'query ($filter: IntercomFlatFilter) { intercomFlats(filter: $filter) { totalCount } }';
const FIFTY = `query (${Array.from({ length: 50 }, (_, i) => `$f${i}: IntercomFlatFilter`).join(' ')}) { ${Array.from({ length: 50 }, (_, i) => `a${i}: intercomFlats(filter: $f${i}) { __typename }`).join(' ')} }`;
const BULK =
  'mutation ($updates: [UpdateIntercomFlatInput!]!) { updateIntercomFlats(updates: $updates) { __typename } }';
const unknownKeys = (count: number) => `{${Array.from({ length: count }, (_, i) => `"k${i}":1`).join()}}`;
const body = (query: string, variables: string, more = '') =>
  `{"query":${JSON.stringify(query)},"variables":${variables}${more}}`;

describe('others are answered meanwhile', () => {
  const open = new AsyncDisposableStack();
  let server: Awaited<ReturnType<typeof spawnServer>>;
  beforeAll(async () => {
    const database = open.use(await tempDatabase());
    {
      await using store = await database.open();
      await store.importRows(
        TESTER,
        Array.from({ length: 400 }, (_, i) => ({ intercomId: i + 1, flat: 1, lines: {} })),
      );
    }
    server = open.use(await spawnServer('', database.env));
  });
  afterAll(() => open.disposeAsync());

  it.each<[string, number, RegExp, () => string]>([
    ['2.6 million line breaks', 400, /at most 100000 characters/, () => body(lines(2_600_000) + MANY_ERRORS, '{}')],
    ['2,500 line breaks', 400, /at most 2000 lines/, () => body(lines(2_500) + MANY_ERRORS, '{}')],
    [
      '2,200 errors after 1,900 lines and 90,000 characters',
      200,
      /"line":1901/,
      () => body(`#${'x'.repeat(90_000)}${lines(1_900)}${MANY_ERRORS}`, '{}'),
    ],
    ['430,000 unknown keys', 400, /at most 50000/, () => body(LIST, `{"filter":${unknownKeys(430_000)}}`)],
    [
      'as many unknown keys as there may be, in many variables',
      200,
      /invalid value.*Too many errors/,
      () => body(FIFTY, `{${Array.from({ length: 50 }, (_, i) => `"f${i}":${unknownKeys(100)}`).join()}}`),
    ],
    ['20,000 unknown keys in one object', 400, /at most 100/, () => body(LIST, `{"filter":${unknownKeys(20_000)}}`)],
    [
      'as many bad updates as fit',
      200,
      /invalid value.*Too many errors/,
      () => body(BULK, `{"updates":[${`${unknownKeys(100)},`.repeat(240)}{}]}`),
    ],
    ['1.7 million updates', 400, /at most 50000/, () => body(BULK, `{"updates":[${'{},'.repeat(1_700_000)}{}]}`)],
    [
      'nested lists',
      400,
      /at most 50000/,
      () => body(BULK, `{"updates":${'['.repeat(2_000_000)}${']'.repeat(2_000_000)}}`),
    ],
    ['a name of megabytes', 400, /more than 256/, () => body(LIST, `{"filter":{"${'k'.repeat(4_000_000)}":1}}`)],
    [
      'extensions without end',
      400,
      /at most 50000/,
      () => body('{ changesHead }', '{}', `,"extensions":${unknownKeys(430_000)}`),
    ],
  ])('while the service reads %s', async (_, status, expected, make) => {
    const headers = { 'content-type': 'application/json' };
    const text = make();
    const answers: [number, string][] = [];
    const send = async () => {
      for (let time = 0; time < 2; time++) {
        const response = await fetch(`${server.url}/graphql`, { method: 'POST', headers, body: text });
        answers.push([response.status, await response.text()]);
      }
    };
    const { slowestMs, peakMegabytes } = await beside(server.url, server.child.pid, send);
    for (const answer of answers) expect(answer).toEqual([status, expect.stringMatching(expected)]);
    expect({ slowestMs, peakMegabytes }).toEqual(nobodyHeldUp());
  });
});
