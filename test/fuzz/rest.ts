import { LINES } from '../../src/domain/lines.ts';
import { REST_PATH } from '../../src/rest/address.ts';
import { restName } from '../../src/rest/body.ts';
import { authorization, hostOf, oddHeaders, type Tokens } from './headers.ts';
import { chunked, type Headers, type Input, requestBytes } from './input.ts';
import type { Random } from './random.ts';
import { mutated, nest, oddJson, PROTOTYPE_NAMES } from './values.ts';

/** The flats that a run begins with, and does not delete. */
export const INTERCOMS = 3;
export const FLATS_PER_INTERCOM = 50;
export const FLATS = INTERCOMS * FLATS_PER_INTERCOM;

const numberJson = (random: Random, last: number): string => {
  const value = random.between(1, last);
  return random.weighted([
    [8, `${value}`],
    [1, `"${value}"`],
    [0.5, `" +${value} "`],
    [0.5, `${value}.0`],
  ]);
};

function fieldsOf(random: Random): [name: string, json: string][] {
  const fields: [string, string][] = random.chance(0.5)
    ? [['flat_id', numberJson(random, FLATS)]]
    : [
        ['intercom_id', numberJson(random, INTERCOMS)],
        ['flat', numberJson(random, FLATS_PER_INTERCOM)],
      ];
  for (const name of LINES.map(restName)) {
    if (random.chance(0.4)) fields.push([name, random.pick(['true', 'false', '1', '0', '"1"', '"0"'])]);
  }
  if (random.chance(0.5)) return fields;
  for (let left = random.between(1, 3); left > 0; left--) {
    const known = ['intercom_id', 'flat', 'flat_id', ...LINES.map(restName)];
    const name = random.weighted([
      [8, random.pick(known)],
      [1, random.pick(PROTOTYPE_NAMES)],
      [1, random.text(10)],
    ]);
    fields.push([name, oddJson(random)]);
  }
  return fields;
}

function bodyOf(random: Random): Buffer {
  const fields = fieldsOf(random);
  const json = `{${fields.map(([name, value]) => `${JSON.stringify(name)}:${value}`).join(',')}}`;
  const form = () =>
    fields.map(([name, value]) => `${encodeURIComponent(name.toWellFormed())}=${value.replaceAll('"', '')}`).join('&');
  return random.weighted<() => Buffer>([
    [60, () => Buffer.from(json)],
    [8, () => Buffer.from(form())],
    [3, () => Buffer.from(`\ufeff${json}`)],
    [2, () => Buffer.from(json, 'utf16le')],
    [12, () => mutated(random, Buffer.from(json))],
    [5, () => mutated(random, Buffer.from(form()))],
    [4, () => Buffer.from(json.slice(0, random.below(json.length)))],
    [3, () => Buffer.from(oddJson(random))],
    [1, () => Buffer.from(nest(random, 20_000))],
    [1, () => random.bytes(random.below(300))],
    [0.3, () => Buffer.alloc(random.pick([65_536, 65_537, 100_000]), random.pick(['x', ' ', '{', '\0']))],
  ])();
}

/** A query as a `GET` has it, sensible or not. */
function queryOf(random: Random): string {
  const fields = fieldsOf(random).map(([name, value]) => `${encodeURIComponent(name.toWellFormed())}=${value}`);
  const query = fields.join('&').replaceAll(/[^!-~]|"/g, '');
  return random.chance(0.1) ? query.slice(0, random.below(query.length + 1)) : query;
}

/** A read of a flat, sometimes with a body that nobody reads. */
function readInput(random: Random, tokens: Tokens): Input {
  const method = random.pick(['GET', 'GET', 'HEAD']);
  const body = random.chance(0.1) ? bodyOf(random) : undefined;
  const headers: Headers = [
    ['Host', hostOf(random)],
    ...authorization(random, tokens),
    ...oddHeaders(random),
    ...(body ? [['Content-Length', `${body.length}`] as const] : []),
  ];
  const bytes = requestBytes(method, `${REST_PATH}?${queryOf(random)}`, headers, body ?? Buffer.alloc(0));
  return { kind: 'rest', pieces: [bytes], whole: true, headOnly: method === 'HEAD' };
}

/** A request of the REST route. */
export function restInput(random: Random, tokens: Tokens): Input {
  if (random.chance(0.1)) return readInput(random, tokens);
  const body = bodyOf(random);
  const method = random.chance(0.97)
    ? 'PATCH'
    : random.pick(['GET', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'HEAD', 'TRACE', 'PURGE']);
  const target = random.chance(0.96)
    ? REST_PATH
    : random.pick([`${REST_PATH}/`, `${REST_PATH}?flat=1`, `http://x${REST_PATH}`, '/api/openapi.json', '/']);
  const inChunks = random.chance(0.1);
  const length: Headers = inChunks ? [['Transfer-Encoding', 'chunked']] : [['Content-Length', `${body.length}`]];
  const type = random.weighted([
    [6, 'application/json'],
    [2, 'application/x-www-form-urlencoded'],
    [1, 'text/plain'],
  ]);
  const headers: Headers = [
    ['Host', hostOf(random)],
    ...authorization(random, tokens),
    ...(random.chance(0.9) ? [['Content-Type', type] as const] : []),
    ...oddHeaders(random),
    ...(random.chance(0.02) ? [['Expect', random.pick(['100-continue', '100-Continue', 'x'])] as const] : []),
    ...length,
  ];
  const bytes = requestBytes(method, target, headers, inChunks ? chunked(body) : body);
  return { kind: 'rest', pieces: [bytes], whole: true, headOnly: method === 'HEAD' };
}
