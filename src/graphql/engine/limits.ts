import { type DocumentNode, GraphQLError, parse } from 'graphql';
import { LIMIT_EXCEEDED, OVERLOADED } from '../../domain/limits.ts';
import { type Locale, textsOf } from '../../texts/index.ts';
import { compactLocations } from './locations.ts';

/** The largest document that is accepted, as `Size` measures it. */
export interface DocumentLimits {
  readonly tokens: number;
  readonly depth: number;
  readonly aliases: number;
  readonly directives: number;
  readonly complexity: number;
}

/** A 400 also for callers who accept plain JSON, to whom Yoga would send it as a 200. */
export const limitExceeded = (message: string): GraphQLError =>
  new GraphQLError(message, { extensions: { code: LIMIT_EXCEEDED, http: { status: 400, spec: false } } });

/** Trying again shortly helps. */
export const overloaded = (locale: Locale): GraphQLError =>
  new GraphQLError(textsOf(locale).overloaded, {
    extensions: { code: OVERLOADED, http: { status: 503, headers: { 'Retry-After': '1' } } },
  });

/** Once one of the caller's streams has ended, there is room for another. */
export const tooManyStreams = (locale: Locale): GraphQLError =>
  new GraphQLError(textsOf(locale).tooManyStreams, {
    extensions: { code: 'TOO_MANY_STREAMS', http: { status: 429, headers: { 'Retry-After': '1' } } },
  });

/** The longest document, in UTF-16 code units and in lines. Long values belong into variables. */
const MAX_CHARACTERS = 100_000;
const MAX_LINES = 2_000;

/** Parses a document within the limits of its text; its nodes have offsets instead of locations. */
export function parseWithin(maxTokens: number, source: string): DocumentNode {
  if (source.length > MAX_CHARACTERS) {
    throw limitExceeded(`The document is too long: at most ${MAX_CHARACTERS} characters; send values as variables.`);
  }
  let lines = 1;
  for (const _ of source.matchAll(/\r\n|[\n\r]/g)) {
    if (++lines > MAX_LINES) throw limitExceeded(`The document is too long: at most ${MAX_LINES} lines.`);
  }
  try {
    return compactLocations(parse(source, { maxTokens }));
  } catch (error) {
    // Deep nesting can exhaust the parser's stack before it exhausts its tokens.
    const tooDeep = error instanceof RangeError;
    if (tooDeep || (error instanceof GraphQLError && /more than \d+ tokens/.test(error.message))) {
      throw limitExceeded(`The document is too large: at most ${maxTokens} tokens.`);
    }
    throw error;
  }
}
