import type { ExecutionResult, GraphQLError } from 'graphql';
import type { DoorExchange } from './door-exchange.ts';
import type { MediaType } from './media-type.ts';

/** A complete answer, ready to be sent. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
}

/** What an error says about the HTTP answer that it stands in. */
interface ErrorHttp {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** The status is for `application/graphql-response+json` alone: clients of plain JSON expect 200 with errors. */
  readonly spec?: boolean;
}

const httpOf = (error: GraphQLError): ErrorHttp => (error.extensions['http'] as ErrorHttp | undefined) ?? {};

/** The answer of a result whose errors are masked: its status is the greatest that one of them asks for. */
export function answerOf(result: ExecutionResult, mediaType: MediaType): Answer {
  const headers: Record<string, string> = { 'content-type': `${mediaType}; charset=utf-8` };
  let status = 0;
  for (const error of result.errors ?? []) {
    const http = httpOf(error);
    Object.assign(headers, http.headers);
    if (http.spec && mediaType === 'application/json') continue;
    status = Math.max(status, http.status ?? 0);
  }
  return { status: status || 200, headers, text: textOfResult(result) };
}

/** Records the codes of the errors of a result. */
export function recordErrors(exchange: DoorExchange, { errors, data }: ExecutionResult): void {
  if (!errors || errors.length === 0) return;
  const codes = errors.map((it) => it.extensions?.['code']);
  exchange.recordErrors(codes, data !== undefined);
}

/** Sends a result whose errors are masked, and records their codes. */
export function sendResult(exchange: DoorExchange, result: ExecutionResult, mediaType: MediaType): void {
  recordErrors(exchange, result);
  const { status, headers, text } = answerOf(result, mediaType);
  exchange.sendText(status, headers, text);
}

/** A result as JSON, without what its errors say about HTTP. */
export function textOfResult(result: ExecutionResult): string {
  if (!result.errors) return JSON.stringify(result);
  const errors = result.errors.map(({ message, locations, path, extensions: { http: _, ...extensions } }) => ({
    message,
    locations,
    path,
    extensions: Object.keys(extensions).length > 0 ? extensions : undefined,
  }));
  return JSON.stringify({ ...result, errors });
}
