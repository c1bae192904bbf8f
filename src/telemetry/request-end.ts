import { OVERLOADED, PERSISTED_QUERY_NOT_FOUND } from '../domain/limits.ts';
import { isStorageCode } from '../domain/storage-problem.ts';

/** The doors through which requests come in. */
export const DOORS = ['rest', 'graphql', 'import', 'console', 'health', 'metrics', 'other'] as const;

export type Door = (typeof DOORS)[number];

/**
 * The outcome of a request: `refused` by the rules (412, 422), `denied` to the caller (401, 403, 429), `invalid` in another
 * way (4xx), `busy` (503), a `fault` of the service (5xx), or `left` when the client left before the answer.
 */
export const OUTCOMES = ['ok', 'refused', 'denied', 'invalid', 'busy', 'fault', 'left'] as const;

export type Outcome = (typeof OUTCOMES)[number];

/** A finished request, as the log and the metrics report it. Of the caller's own text it holds only id and actor. */
export interface RequestEnd {
  readonly id: string;
  readonly door: Door;
  readonly actor: string;
  readonly method: string;
  /** The fields that a GraphQL document asked for, as the schema names them. */
  readonly operation: string | undefined;
  /** Absent when nothing was answered. */
  readonly status: number | undefined;
  readonly outcome: Outcome;
  /** How long it took, in milliseconds; of a stream, how long it was followed. */
  readonly ms: number;
  /** Where it came from, as far as that can be known; of requests that were refused, denied or invalid. */
  readonly address: string | undefined;
  readonly isStream: boolean;
}

/** Called for each request once it is finished. */
export interface Watcher {
  readonly request: (end: RequestEnd) => void;
  /** Called for each stream that begins. */
  readonly stream?: () => void;
}

/** The fields of a request's line in the log, as they stand in JSON. */
export function requestFields({
  id,
  door,
  actor,
  method,
  operation,
  status,
  outcome,
  ms,
  address,
  isStream,
}: RequestEnd): string {
  const asked = operation === undefined ? '' : `,"operation":${JSON.stringify(operation)}`;
  const answered = status === undefined ? '' : `,"status":${status}`;
  const from = address === undefined ? '' : `,"address":"${address}"`;
  const stream = isStream ? ',"stream":true' : '';
  // Ids, doors and methods need no escapes in JSON.
  return `"requestId":"${id}","door":"${door}","actor":${JSON.stringify(actor)},"method":"${method}"${asked}${answered},"outcome":"${outcome}","ms":${Math.round(ms * 10) / 10}${from}${stream}`;
}

export function outcomeOfStatus(status: number): Outcome {
  if (status < 400) return 'ok';
  if (status === 401 || status === 403 || status === 429) return 'denied';
  if (status === 412 || status === 422) return 'refused';
  if (status < 500) return 'invalid';
  return status === 503 ? 'busy' : 'fault';
}

/** GraphQL errors may come with status 200, so their codes say what became of the request: the worst of them. */
export function outcomeOfCodes(codes: readonly unknown[]): Outcome {
  if (codes.every((it) => it === PERSISTED_QUERY_NOT_FOUND)) return 'ok';
  if (codes.includes('INTERNAL_SERVER_ERROR')) return 'fault';
  if (codes.some((it) => it === OVERLOADED || isStorageCode(it))) return 'busy';
  return codes.includes('UNAUTHENTICATED') || codes.includes('FORBIDDEN') ? 'denied' : 'invalid';
}

/** Whether a request was successful monitoring, which is logged at the level debug. */
export const isWatching = ({ door, outcome }: RequestEnd): boolean =>
  (door === 'health' || door === 'metrics') && (outcome === 'ok' || outcome === 'busy');
