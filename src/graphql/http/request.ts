import { GraphQLError } from 'graphql';
import type { GraphQLParams } from 'graphql-yoga';
import { decodeText, isEmptyList, parseJson } from '../../http/exchange/json.ts';
import { isPlainBody } from '../../http/exchange/request-head.ts';
import { textsOf } from '../../texts/index.ts';
import { limitExceeded } from '../engine/limits.ts';
import type { DoorExchange } from './door-exchange.ts';

/** The parameters of a request as sent; only `variables`, `extensions` and `operationName` are normalized. */
export type RequestParams = GraphQLParams;

/** A request of up to so many bytes is parsed in the thread with the sockets, so that a short one is known. */
export const SHORT_BYTES = 4_096;

const texts = textsOf('en');

export const refuse = (message: string, status: number, code = 'BAD_REQUEST'): GraphQLError =>
  new GraphQLError(message, { extensions: { code, http: { status } } });

/**
 * Parses the parameters of a GET or a POST. Throws a `GraphQLError` with its HTTP status for an invalid request.
 *
 * A POST has to be JSON: a page of another site can send a form from a browser without a preflight, and its mutation would
 * be executed.
 */
export function parseRequest({ url, request: { method, headers } }: DoorExchange, body: Buffer): RequestParams {
  if (method !== 'POST') return normalized(paramsOfUrl(url));
  if (!isPlainBody(headers)) throw refuse(texts.wrongEncoding, 415);
  const type = headers['content-type'] ?? '';
  if (!/^\s*application\/(graphql\+)?json\s*(;|$)/i.test(type)) throw refuse(texts.wrongContentType, 415);
  const charset = /;\s*charset\s*=\s*"?([^\s;"]*)/i.exec(type)?.[1];
  if (charset !== undefined && !/^utf-?8$/i.test(charset)) throw refuse(texts.wrongCharset, 415);
  countValues(body);
  const parsed = parseJson(decodeText(body));
  if (typeof parsed === 'string') throw refuse(parsed === 'notUtf8' ? texts.bodyNotUtf8 : texts.invalidJson, 400);
  return normalized(parsed.value as RequestParams);
}

function paramsOfUrl(url: string): RequestParams {
  const search = new URLSearchParams(url.slice(url.indexOf('?') + 1 || url.length));
  const text = (name: string): string | undefined => search.get(name) || undefined;
  const json = (name: string) => {
    const value = text(name);
    if (value === undefined) return undefined;
    // Bytes that are not UTF-8 have become U+FFFD.
    const parsed = value.includes('\ufffd') ? 'notUtf8' : parseJson(value);
    if (typeof parsed === 'string') throw refuse(texts.unreadableRequest, 400);
    return parsed.value as Record<string, unknown>;
  };
  return {
    query: text('query'),
    operationName: text('operationName'),
    variables: json('variables'),
    extensions: json('extensions'),
  } as RequestParams;
}

/** The header that asks what an answer cost, for tools that cannot add to the body. */
export const COST_HEADER = 'graphql-cost';

/** Whether a request asks what its answer cost: by `extensions.cost`, or by the header. */
export const asksCost = (
  { request: { headers } }: Pick<DoorExchange, 'request'>,
  params: RequestParams | undefined,
): boolean => headers[COST_HEADER] === '1' || params?.extensions?.['cost'] === true;

const NAMES = ['query', 'operationName', 'variables', 'extensions'] as const;

/** The parameters of a request and nothing else. Their types are checked later. */
function normalized(params: RequestParams): RequestParams {
  if (typeof params !== 'object' || params === null || Array.isArray(params)) return params;
  for (const [name, value] of Object.entries(params)) {
    if (value == null || NAMES.some((it) => it === name)) continue;
    throw refuse(`Unexpected parameter "${name}" in the request body.`, 400);
  }
  const { query, operationName, variables, extensions } = params;
  checkKeys(variables);
  checkKeys(extensions);
  return {
    query,
    operationName: operationName === '' ? undefined : operationName,
    variables: isEmptyList(variables) ? undefined : variables,
    extensions: isEmptyList(extensions) ? undefined : extensions,
  } as RequestParams;
}

/** The most values and keys in the variables and extensions of a request: a bulk update of 1,000 flats has some 17,000. */
const MAX_VALUES = 50_000;
/** The most keys of one object, and the longest of them in UTF-16 code units: no input of the schema comes near it. */
const MAX_KEYS = 100;
const MAX_KEY_CHARACTERS = 256;

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_LIST = 0x5b;
const BACKSLASH = 0x5c;
const OPEN_OBJECT = 0x7b;

/** Throws when a JSON text has more values and keys than any real one: to parse hundreds of thousands takes seconds. */
export function countValues(json: Buffer): void {
  let count = 0;
  for (let i = 0; i < json.length; i++) {
    const byte = json[i];
    if (byte === QUOTE) {
      for (i++; i < json.length && json[i] !== QUOTE; i++) if (json[i] === BACKSLASH) i++;
    } else if (byte === COMMA || byte === COLON || byte === OPEN_LIST || byte === OPEN_OBJECT) {
      if (++count > MAX_VALUES) throw limitExceeded(`The variables have too many values: at most ${MAX_VALUES}.`);
    }
  }
}

/** Throws when an object has more keys than any input, or longer ones: reporting its errors would block everybody. */
function checkKeys(value: unknown): void {
  const open: unknown[] = [value];
  while (open.length > 0) {
    const next = open.pop();
    if (typeof next !== 'object' || next === null) continue;
    if (!Array.isArray(next)) {
      const keys = Object.keys(next);
      if (keys.length > MAX_KEYS) {
        throw limitExceeded(`An object in the variables has too many fields: at most ${MAX_KEYS}.`);
      }
      if (keys.some((key) => key.length > MAX_KEY_CHARACTERS)) {
        throw limitExceeded(`The variables have a name of more than ${MAX_KEY_CHARACTERS} characters.`);
      }
    }
    for (const it of Object.values(next)) open.push(it);
  }
}
