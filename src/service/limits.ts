import type { DocumentLimits } from '../graphql/engine/limits.ts';
import type { RateLimits } from '../http/access/rate-limits.ts';
import type { ConnectionLimits } from '../http/server/listen.ts';

/** The limits on what callers can use of the service. */
export interface Limits extends DocumentLimits, RateLimits, ConnectionLimits {
  /** The largest bodies, in bytes. */
  readonly restBody: number;
  readonly graphqlBody: number;
  readonly importBody: number;
  /**
   * The most bytes of large bodies and answers that are held for all callers together; answers count by their complexity.
   */
  readonly bodiesKept: number;
  readonly answersKept: number;
  /** The threads that answer long documents, and how many requests of one caller may wait for them. */
  readonly readerThreads: number;
  readonly waitingReads: number;
  /** The most open streams of a token; likewise of all callers in trusted networks together, and of this machine. */
  readonly streamsPerCaller: number;
  /** The most open streams of one WebSocket. */
  readonly streamsPerSocket: number;
}

export const DEFAULT_LIMITS: Limits = {
  restBody: 64 * 1024,
  graphqlBody: 5 * 1024 * 1024,
  importBody: 32 * 1024 * 1024,
  bodiesKept: 64 * 1024 * 1024,
  answersKept: 64 * 1024 * 1024,
  readerThreads: 2,
  waitingReads: 500,
  streamsPerCaller: 2_000,
  streamsPerSocket: 200,
  tokens: 2_000,
  depth: 15,
  aliases: 50,
  directives: 50,
  complexity: 100_000,
  connections: 5_000,
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  readerTimeout: 30_000,
  unauthenticated: 60,
  failedAuthentications: 10,
  perToken: null,
  perTrustedAddress: null,
};

/** Reads a variable, or takes the fallback and says what is accepted. */
type Read = <T>(name: string, fallback: T, accepted: string, parse: (text: string) => T | undefined) => T;

export function readLimits(read: Read): Limits {
  const numbers = (text: string, least: number, most: number) =>
    /^\d{1,10}$/.test(text) && Number(text) >= least && Number(text) <= most ? Number(text) : undefined;
  const number = (name: string, fallback: number, least = 1, most = 1_000_000_000) =>
    read(name, fallback, `a whole number from ${least} to ${most}`, (text) => numbers(text, least, most));
  const seconds = (name: string, fallback: number, least: number) =>
    read(name, Math.max(fallback, least), `whole seconds from ${least / 1_000} to 3600`, (text) => {
      const given = numbers(text, least / 1_000, 3_600);
      return given === undefined ? undefined : given * 1_000;
    });
  const rate = (name: string, fallback: number | null) => {
    const given = read<number | 'off'>(
      name,
      fallback ?? 'off',
      'requests a minute from 1 to 1000000, or off',
      (text) => (text === 'off' ? text : numbers(text, 1, 1_000_000)),
    );
    return given === 'off' ? null : given;
  };
  const defaults = DEFAULT_LIMITS;
  const headersTimeout = seconds('HEADERS_TIMEOUT', defaults.headersTimeout, 1_000);
  return {
    restBody: number('REST_MAX_BODY', defaults.restBody, 1_024),
    graphqlBody: number('GRAPHQL_MAX_BODY', defaults.graphqlBody, 1_024),
    importBody: number('IMPORT_MAX_BODY', defaults.importBody, 1_024),
    bodiesKept: number('MAX_BODIES_KEPT', defaults.bodiesKept, 1_024),
    answersKept: number('MAX_ANSWERS_KEPT', defaults.answersKept, 1_024),
    readerThreads: number('READER_THREADS', defaults.readerThreads, 1, 64),
    waitingReads: number('MAX_WAITING_READS', defaults.waitingReads),
    streamsPerCaller: number('MAX_STREAMS_PER_TOKEN', defaults.streamsPerCaller),
    streamsPerSocket: number('MAX_STREAMS_PER_SOCKET', defaults.streamsPerSocket),
    tokens: number('GRAPHQL_MAX_TOKENS', defaults.tokens),
    depth: number('GRAPHQL_MAX_DEPTH', defaults.depth),
    aliases: number('GRAPHQL_MAX_ALIASES', defaults.aliases, 0),
    directives: number('GRAPHQL_MAX_DIRECTIVES', defaults.directives, 0),
    complexity: number('GRAPHQL_MAX_COMPLEXITY', defaults.complexity),
    connections: number('MAX_CONNECTIONS', defaults.connections),
    headersTimeout,
    // A request is not complete before its headers are.
    requestTimeout: seconds('REQUEST_TIMEOUT', defaults.requestTimeout, headersTimeout),
    readerTimeout: seconds('READER_TIMEOUT', defaults.readerTimeout, 1_000),
    unauthenticated: rate('RATE_UNAUTHENTICATED', defaults.unauthenticated),
    failedAuthentications: rate('RATE_FAILED_AUTHENTICATIONS', defaults.failedAuthentications),
    perToken: rate('RATE_PER_TOKEN', defaults.perToken),
    perTrustedAddress: rate('RATE_PER_TRUSTED_ADDRESS', defaults.perTrustedAddress),
  };
}
