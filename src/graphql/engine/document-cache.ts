import { type DocumentNode, GraphQLError } from 'graphql';
import type { DocumentRules } from './document-rules.ts';

/** How much text of documents is remembered, in UTF-16 code units; each takes some 20 bytes of memory as a document. */
const MAX_KEPT = 1_000_000;
/** The longest document that is remembered. Clients send few, each many times, and those are short. */
const LONGEST_KEPT = 20_000;

/** A document that was judged: one with errors is not executed. */
export interface CheckedDocument {
  /** Absent when it cannot be parsed. */
  readonly document: DocumentNode | undefined;
  readonly errors: readonly GraphQLError[];
}

/** Documents by their text. A thousand streams of one document hold it once. */
export interface DocumentCache {
  /** Finds a document, or parses and judges it. Only those without errors are remembered. */
  read(query: string): CheckedDocument;
}

export function createDocumentCache(judge: DocumentRules): DocumentCache {
  const kept = new Map<string, CheckedDocument>();
  let size = 0;

  function judged(query: string): CheckedDocument {
    try {
      const document = judge.parse(query);
      const errors = judge.errorsOf(document);
      return { document, errors: errors.map((error) => withCode(error, 'GRAPHQL_VALIDATION_FAILED')) };
    } catch (error) {
      if (!(error instanceof GraphQLError)) throw error;
      return { document: undefined, errors: [withCode(error, 'GRAPHQL_PARSE_FAILED')] };
    }
  }

  function keep(query: string, document: CheckedDocument): void {
    kept.set(query, document);
    size += query.length;
    // Those that were used least recently make room.
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
      const document = judged(query);
      if (document.errors.length === 0 && query.length <= LONGEST_KEPT) keep(query, document);
      return document;
    },
  };
}

/** Says what kind of error it is, and that nothing was executed: 400 for those who accept the newer media type. */
function withCode(error: GraphQLError, code: string): GraphQLError {
  error.extensions['code'] ??= code;
  error.extensions['http'] ??= { status: 400, spec: true };
  return error;
}
