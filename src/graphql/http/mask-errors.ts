import { type ExecutionResult, GraphQLError } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { LIMIT_EXCEEDED } from '../../domain/limits.ts';
import { STORAGE_ANSWERS } from '../../domain/storage-problem.ts';
import { ChangesPrunedError, StorageError } from '../../store/store.ts';
import { textsOf } from '../../texts/index.ts';
import { locate } from '../engine/locations.ts';
import { cursorPruned } from '../schema/shared/cursors.ts';

/** Reports a fault; the caller sees only its code. */
export type ReportFault = (fault: unknown) => void;

/** An error as callers see it: with a code, and with nothing of the inside. */
export function createErrorMask(report: ReportFault): (error: unknown) => GraphQLError {
  const texts = textsOf('en');
  const mask = (error: unknown): GraphQLError => {
    const original = error instanceof GraphQLError && error.originalError ? error.originalError : error;
    if (original instanceof StorageError) {
      const { code, retryAfter } = STORAGE_ANSWERS[original.problem];
      const http = { status: 503, headers: { 'Retry-After': String(retryAfter) } };
      return faultOf(error, texts.storage[original.problem], code, http);
    }
    if (original instanceof ChangesPrunedError) return cursorPruned(error instanceof GraphQLError ? error : undefined);
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

/** A result as callers see it. */
export const maskErrors = (result: ExecutionResult, maskError: (error: unknown) => GraphQLError): ExecutionResult =>
  result.errors ? { ...result, errors: result.errors.map((error) => maskError(error)) } : result;

/** Yoga masks what execution throws; it would send errors of earlier steps, such as validation, as they are. */
export const maskResults = (maskError: (error: unknown) => GraphQLError): Plugin => ({
  onResultProcess({ result, setResult }) {
    if ('errors' in result) setResult(maskErrors(result as ExecutionResult, maskError));
  },
});

function faultOf(error: unknown, message: string, code: string, http: object): GraphQLError {
  const location = error instanceof GraphQLError ? { nodes: error.nodes, path: error.path } : {};
  return new GraphQLError(message, { ...location, extensions: { code, http } });
}

/** An error of the engine itself, such as a variable that does not fit its type, has no code of its own. */
function withCode(error: GraphQLError): GraphQLError {
  const { extensions } = error;
  extensions['code'] ??= 'BAD_USER_INPUT';
  error.message = redact(error.message);
  // Yoga would quote a body that it could not parse.
  delete extensions['originalError'];
  // Yoga would send these as a 200 to those who accept plain JSON.
  if (extensions['code'] === 'BAD_REQUEST' || extensions['code'] === LIMIT_EXCEEDED) {
    extensions['http'] = { status: 400, ...(extensions['http'] as object), spec: false };
  }
  return error;
}

/** A name as GraphQL allows it; other text in the place of a name may be a value. */
const NAME = /^[_A-Za-z][_0-9A-Za-z]{0,63}$/;
const named = (what: string, name: string): string => (NAME.test(name) ? `${what} "${name}"` : what);

/** What the engine guesses was meant; these are names of the schema. */
const GUESS = / Did you mean (?:the enum value )?(?:"\w+"|,| |or)+\?/;
const ENDS_WITH_GUESS = new RegExp(`${GUESS.source}$`);
const UNKNOWN_FIELD = new RegExp(`(unknown field) "(.*?)"(?:,|\\.(${GUESS.source})?) [Ff]ound: .*$`, 's');

/** How much of a message is searched, at its beginning and at its end: the search may take quadratic time. */
const HEAD_CHARACTERS = 2_000;
const TAIL_CHARACTERS = 500;
/** Stands for what is between the two. */
const CUT = '\0';
const TOO_LONG = 'The request is invalid; the details are too long to be shown.';

/**
 * A message of the engine without the values that it quotes, from variables or from the document: answers may end up in
 * foreign logs, and a value may be a secret. The location says where it is, and the rest of the message says what is
 * expected. Names are quoted back, since one that is misspelt has to be found.
 */
function redact(message: string): string {
  if (message.length <= HEAD_CHARACTERS + TAIL_CHARACTERS) return stripped(message);
  const shown = stripped(message.slice(0, HEAD_CHARACTERS) + CUT + message.slice(-TAIL_CHARACTERS));
  return shown.includes(CUT) ? TOO_LONG : shown;
}

function stripped(message: string): string {
  if (message.startsWith('Syntax Error: ')) return withoutTokens(message);
  const [guess = ''] = ENDS_WITH_GUESS.exec(message) ?? [];
  return message
    .replace(/^(Unexpected parameter) "(.*)"(?= in the request body\.$)/s, (_, what, name) => named(what, name))
    .replace(/^(Variable "\$\w+" got invalid value) .*$/s, '$1.')
    .replace(UNKNOWN_FIELD, (_, what, name, hint = '') => `${named(what, name)}.${hint}`)
    .replace(
      /Value ".*" does not exist in ("\w+" enum).*$/s,
      (_, what) => `The value does not exist in ${what}.${guess}`,
    )
    .replace(/(cannot represent (?:an? )?[\w -]*value): .*$/s, (_, what) => `${what}.${guess}`)
    .replace(/(?:, but encountered error|, found:) .*$/s, '.');
}

/** What stands in the place of something else may be a value without its quotation marks. */
const withoutTokens = (message: string): string =>
  message
    .replace(/\b(String|BlockString|Int|Float|Name) ".*"(?=\.$| is reserved)/s, '$1')
    .replace(/(escape sequence): .*$/s, '$1.')
    .replace(/, did you mean "0\..*$/s, '.');
