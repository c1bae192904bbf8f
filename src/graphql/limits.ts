import { type DocumentNode, GraphQLError, type ParseOptions, parse, type Source } from 'graphql';

/** The code of a request that is larger than any real one. */
export const LIMIT_EXCEEDED = 'LIMIT_EXCEEDED';

/** The largest document, as `Size` tells it. */
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

/** Parses a document unless it has more tokens than that. */
export function parseWithin(maxTokens: number, source: string | Source, options: ParseOptions = {}): DocumentNode {
  try {
    return parse(source, { ...options, maxTokens });
  } catch (error) {
    // Deep nesting can exhaust the parser's stack before it exhausts its tokens.
    const tooDeep = error instanceof RangeError;
    if (tooDeep || (error instanceof GraphQLError && /more than \d+ tokens/.test(error.message))) {
      throw limitExceeded(`The document is too large: at most ${maxTokens} tokens.`);
    }
    throw error;
  }
}
