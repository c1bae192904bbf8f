import { type DocumentNode, GraphQLError, type ParseOptions, parse, type Source } from 'graphql';
import type { Plugin } from 'graphql-yoga';

/** The code of a request that is larger than any real one. */
export const LIMIT_EXCEEDED = 'LIMIT_EXCEEDED';

/** The largest document, in tokens. */
const MAX_TOKENS = 2_000;

/** Parses a document unless it is too large. */
export function parseWithinLimits(source: string | Source, options: ParseOptions = {}): DocumentNode {
  try {
    return parse(source, { ...options, maxTokens: MAX_TOKENS });
  } catch (error) {
    // Deep nesting can exhaust the parser's stack before it exhausts its tokens.
    const tooDeep = error instanceof RangeError;
    if (tooDeep || (error instanceof GraphQLError && /more than \d+ tokens/.test(error.message))) {
      throw new GraphQLError(`The document is too large: at most ${MAX_TOKENS} tokens.`, {
        extensions: { code: LIMIT_EXCEEDED },
      });
    }
    throw error;
  }
}

/** Yoga's own `maxTokens` option does not reach the parser. */
export const limitTokens: Plugin = {
  onParse: ({ setParseFn }) => setParseFn(parseWithinLimits),
};
