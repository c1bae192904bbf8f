import { GraphQLError } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { STORAGE_ANSWERS } from '../../domain/storage-problem.ts';
import { ChangesPruned, StorageError } from '../../store/store.ts';
import { textsOf } from '../../texts/texts.ts';
import { LIMIT_EXCEEDED } from '../engine/limits.ts';
import { locate } from '../engine/locations.ts';
import { withoutValues } from '../engine/without-values.ts';
import { cursorPruned } from '../schema/shared/log-cursor.ts';

/** Tells of something that went wrong inside; the caller sees no more of it than its code. */
export type ReportFault = (fault: unknown) => void;

/** What callers are told of an error. Each has a code; nothing of the inside shows. */
export function maskFaults(report: ReportFault): (error: unknown) => GraphQLError {
  const texts = textsOf('en');
  const mask = (error: unknown): GraphQLError => {
    const original = error instanceof GraphQLError && error.originalError ? error.originalError : error;
    if (original instanceof StorageError) {
      const { code, retryAfter } = STORAGE_ANSWERS[original.problem];
      const http = { status: 503, headers: { 'Retry-After': String(retryAfter) } };
      return faultOf(error, texts.storage[original.problem], code, http);
    }
    if (original instanceof ChangesPruned) return cursorPruned(error instanceof GraphQLError ? error : undefined);
    if (error instanceof GraphQLError && original instanceof GraphQLError) return withCode(error);
    report(original);
    return faultOf(error, texts.internal, 'INTERNAL_SERVER_ERROR', { status: 500 });
  };
  return (error) => {
    const masked = mask(error);
    locate(masked);
    return masked;
  };
}

/** Yoga masks what execution throws; what stops an operation before that, such as a rule, it would send as it is. */
export const maskResults = (maskError: (error: unknown) => GraphQLError): Plugin => ({
  onResultProcess({ result, setResult }) {
    if (!('errors' in result) || !result.errors) return;
    setResult({ ...result, errors: result.errors.map((error) => maskError(error)) });
  },
});

function faultOf(error: unknown, message: string, code: string, http: object): GraphQLError {
  const place = error instanceof GraphQLError ? { nodes: error.nodes, path: error.path } : {};
  return new GraphQLError(message, { ...place, extensions: { code, http } });
}

/** An error of the engine itself, such as a variable that does not fit its type, has no code of its own. */
function withCode(error: GraphQLError): GraphQLError {
  const { extensions } = error;
  extensions['code'] ??= 'BAD_USER_INPUT';
  error.message = withoutValues(error.message);
  // Yoga would quote a body that it could not parse.
  delete extensions['originalError'];
  // Yoga would send these as a 200 to those who accept plain JSON.
  if (extensions['code'] === 'BAD_REQUEST' || extensions['code'] === LIMIT_EXCEEDED) {
    extensions['http'] = { status: 400, ...(extensions['http'] as object), spec: false };
  }
  return error;
}
