import type { IncomingMessage, ServerResponse } from 'node:http';
import { type GraphQLError, getOperationAST } from 'graphql';
import { processRegularResult } from 'graphql-yoga';
import type { Caller } from '../domain/caller.ts';
import type { GraphQLContext } from './builder.ts';
import type { Judge } from './judge-documents.ts';
import type { KnownDocuments } from './known-documents.ts';
import { operationTold } from './operation-told.ts';
import { JSON_TYPE } from './requests.ts';
import { refusalOf } from './scopes.ts';

// Most calls are one query or mutation as a JSON POST. Yoga makes a web Request and a Response of each, parses its own
// way through both, and asks every plugin at every step; all that costs more than the call itself. So these are executed
// straight from the bytes, by the same engine, rules and masks. Whatever is not that plain is Yoga's: streams, GET, a
// document that breaks a rule, a body that cannot be read.

export interface PlainPosts {
  readonly fetchAPI: Parameters<typeof processRegularResult>[1];
  readonly judge: Judge;
  readonly documents: KnownDocuments;
  readonly context: (caller: Caller, request: IncomingMessage, signal: () => AbortSignal) => GraphQLContext;
  /** What callers may see of an error. */
  readonly maskError: (error: unknown) => GraphQLError;
  readonly onErrors: (response: ServerResponse, codes: readonly unknown[]) => void;
  readonly onOperation: (response: ServerResponse, operation: string) => void;
  /** Sends a whole answer. */
  readonly send: (
    response: ServerResponse,
    status: number,
    headers: Readonly<Record<string, string>>,
    text: string,
  ) => void;
}

/** Answers a request if it is plain; false when it is not, and nothing was done. */
export function plainPosts(door: PlainPosts) {
  const { fetchAPI, judge, documents, context, maskError, onErrors, onOperation, send } = door;

  return async (request: IncomingMessage, response: ServerResponse, body: Buffer, caller: Caller): Promise<boolean> => {
    const mediaType = plainAnswerType(request);
    if (!mediaType) return false;
    const params = readParams(body);
    const known = params && documents.read(params.query);
    if (!known) return false;
    const operation = getOperationAST(known.document, params.operationName);
    if (!operation || operation.operation === 'subscription') return false;

    onOperation(response, operationTold(known.document, params.operationName));
    const contextValue = context(caller, request, () => signalOf(response));
    const refusal =
      refusalOf(known.document, params.operationName, contextValue) ??
      judge.refusalOf(known.document, params.operationName, params.variables);
    const result = refusal
      ? { errors: [refusal] }
      : await known.execute(contextValue, params.variables, params.operationName);
    if (response.destroyed) return true;
    if (result.errors) {
      const errors = result.errors.map((error) => maskError(error));
      onErrors(
        response,
        errors.map((it) => it.extensions['code']),
      );
      const answer = processRegularResult({ ...result, errors }, fetchAPI, mediaType);
      answer.headers.delete('content-length');
      send(response, answer.status, Object.fromEntries(answer.headers), await answer.text());
    } else {
      send(response, 200, { 'content-type': `${mediaType}; charset=utf-8` }, JSON.stringify(result));
    }
    return true;
  };
}

interface Params {
  readonly query: string;
  readonly variables: Readonly<Record<string, unknown>> | undefined;
  readonly operationName: string | undefined;
}

const PARAMS = new Set(['query', 'variables', 'operationName', 'extensions']);

/** What a body asks for; `undefined` unless everything in it is as it should be. */
function readParams(body: Buffer): Params | undefined {
  let params: unknown;
  try {
    params = JSON.parse(body.toString());
  } catch {
    return undefined;
  }
  if (!isObject(params) || Object.keys(params).some((name) => !PARAMS.has(name))) return undefined;
  const { query, variables, operationName, extensions } = params;
  if (typeof query !== 'string' || (variables != null && !isObject(variables))) return undefined;
  if ((operationName != null && typeof operationName !== 'string') || (extensions != null && !isObject(extensions))) {
    return undefined;
  }
  return { query, variables: variables ?? undefined, operationName: operationName ?? undefined };
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const GRAPHQL_JSON = 'application/graphql-response+json';
const PLAIN_JSON = 'application/json';

/** The media type of the answer to a JSON POST: the first of the two that its `Accept` names, as Yoga chooses it. */
function plainAnswerType({ method, headers }: IncomingMessage): string | undefined {
  if (method !== 'POST' || !JSON_TYPE.test(headers['content-type'] ?? '')) return undefined;
  const accept = headers.accept ?? '*/*';
  if (accept === PLAIN_JSON || accept === '*/*') return PLAIN_JSON;
  for (const range of accept.toLowerCase().split(',')) {
    const [type = '', ...params] = range.split(';').map((it) => it.trim());
    if (params.some((it) => it.startsWith('charset=') && it !== 'charset=utf-8')) continue;
    if (type === GRAPHQL_JSON) return GRAPHQL_JSON;
    if (type === PLAIN_JSON || type === 'application/*' || type === '*/*') return PLAIN_JSON;
  }
  return undefined;
}

/** Aborts when the caller leaves before the answer. */
function signalOf(response: ServerResponse): AbortSignal {
  const left = new AbortController();
  if (response.closed) left.abort();
  response.once('close', () => left.abort());
  return left.signal;
}
