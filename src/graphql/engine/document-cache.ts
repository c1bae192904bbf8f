import { type DocumentNode, GraphQLError } from 'graphql';
import type { DocumentRules } from './document-rules.ts';

/**
 * The most text of documents that is cached, in UTF-16 code units; each takes some 20 bytes of memory as a document.
 */
const MAX_KEPT = 1_000_000;
/** The longest document that is cached. Clients send few documents, many times, and short ones. */
const LONGEST_KEPT = 20_000;

/** A document that was validated; one with errors is not executed. */
export interface CheckedDocument {
  /** Absent when it cannot be parsed. */
  readonly document: DocumentNode | undefined;
  readonly errors: readonly GraphQLError[];
}

/** Documents by their text. A thousand streams of one document hold it once. */
export interface DocumentCache {
  /** Finds a document, or parses and validates it. Only documents without errors are cached. */
  read(query: string): CheckedDocument;
}

export function createDocumentCache(rules: DocumentRules): DocumentCache {
  const kept = new Map<string, CheckedDocument>();
  let size = 0;

  function check(query: string): CheckedDocument {
    try {
      const document = rules.parse(query);
      const errors = rules.errorsOf(document);
      return { document, errors: errors.map((error) => withCode(error, 'GRAPHQL_VALIDATION_FAILED')) };
    } catch (error) {
      if (!(error instanceof GraphQLError)) throw error;
      return { document: undefined, errors: [withCode(error, 'GRAPHQL_PARSE_FAILED')] };
    }
  }

  function keep(query: string, document: CheckedDocument): void {
    kept.set(query, document);
    size += query.length;
    // The least recently used ones are dropped.
    for (const oldest of kept.keys()) {
      if (size <= MAX_KEPT) break;
      kept.delete(oldest);
      size -= oldest.length;
    }
  }

  return {
    read(query) {
      const known = kept.get(query);
      if (known) {
        kept.delete(query);
        kept.set(query, known);
        return known;
      }
      const document = check(query);
      if (document.errors.length === 0 && query.length <= LONGEST_KEPT) keep(query, document);
      return document;
    },
  };
}

/** Adds the code of the error and its status: 400 for clients that accept `application/graphql-response+json`. */
function withCode(error: GraphQLError, code: string): GraphQLError {
  error.extensions['code'] ??= code;
  error.extensions['http'] ??= { status: 400, spec: true };
  return error;
}
