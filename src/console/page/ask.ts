import { inLabels } from './field-labels.ts';
import { locale } from './locale.ts';
import type { Operation } from './operations.ts';
import { signedOut, token } from './token.ts';

/**
 * Why there is no answer: no connection, not signed in, not now (`retryAfterMs`), or a refusal or fault of the service,
 * whose own words are the message, with the labels of the page.
 */
export class AskError extends Error {
  override readonly name = 'AskError';
  readonly kind: 'offline' | 'signedOut' | 'forbidden' | 'busy' | 'other';
  readonly requestId: string | undefined;
  readonly retryAfterMs: number | undefined;

  constructor(kind: AskError['kind'], message: string, requestId?: string, retryAfterMs?: number) {
    super(inLabels(message));
    this.kind = kind;
    this.requestId = requestId;
    this.retryAfterMs = retryAfterMs;
  }
}

const KINDS: Readonly<Record<number, AskError['kind']>> = {
  401: 'signedOut',
  403: 'forbidden',
  429: 'busy',
  503: 'busy',
};

/** Sends an operation; `accept` is of an answer or of a stream of events. */
export const send = <Data, Variables>(
  query: Operation<Data, Variables>,
  variables: Variables,
  accept: string,
  signal: AbortSignal | undefined,
): Promise<Response> => post('/graphql', 'application/json', JSON.stringify({ query, variables }), { accept }, signal);

/** Sends a body as who is signed in; anything but success is an error in the words of the service. */
export async function post(
  path: string,
  type: string,
  body: BodyInit,
  headers: Readonly<Record<string, string>>,
  signal: AbortSignal | undefined,
): Promise<Response> {
  const used = token.value;
  const response = await fetch(path, {
    method: 'POST',
    headers: {
      'content-type': type,
      'accept-language': locale.value,
      ...headers,
      ...(used !== undefined && { authorization: `Bearer ${used}` }),
    },
    body,
    // The token is all that identifies the caller.
    credentials: 'omit',
    cache: 'no-store',
    signal: signal ?? null,
  }).catch((error: unknown) => {
    throw signal?.aborted ? error : new AskError('offline', '');
  });
  if (response.ok) return response;
  const error = await errorOf(response);
  // A newer token may have been entered meanwhile. Being asked for the first one is nothing to complain of.
  if (error.kind === 'signedOut' && token.value === used) signedOut(used === undefined ? undefined : error.message);
  throw error;
}

async function errorOf(response: Response, body?: Answer<unknown>): Promise<AskError> {
  const { errors, message } = body ?? ((await response.json().catch(() => ({}))) as Answer<unknown>);
  const [first] = Array.isArray(errors) ? errors : [];
  const seconds = Number(response.headers.get('retry-after'));
  return new AskError(
    KINDS[response.status] ?? 'other',
    first?.message ?? message ?? `HTTP ${response.status}`,
    response.headers.get('x-request-id') ?? undefined,
    seconds > 0 ? seconds * 1_000 : undefined,
  );
}

interface Answer<Data> {
  readonly data?: Data | null;
  readonly errors?: readonly { readonly message: string }[];
  /** Of doors other than GraphQL, whose `errors` are by field. */
  readonly message?: string;
}

/** Asks once. An answer with errors is no answer: half a screen would pass for a whole one. */
export async function ask<Data, Variables>(
  query: Operation<Data, Variables>,
  variables: Variables,
  signal?: AbortSignal,
): Promise<Data> {
  const response = await send(query, variables, 'application/json', signal);
  const answer = (await response.json().catch((error: unknown) => {
    throw signal?.aborted ? error : new AskError('offline', '');
  })) as Answer<Data>;
  if (!answer.data || answer.errors) throw await errorOf(response, answer);
  return answer.data;
}
