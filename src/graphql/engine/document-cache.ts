import { type DocumentNode, GraphQLError } from 'graphql';
import { LRUCache } from 'lru-cache';
import type { DocumentRules } from './document-rules.ts';
import { isShort as isShortDocument } from './short.ts';

/**
 * The most text of documents that is cached, in UTF-16 code units; each takes some 20 bytes of memory as a document.
 */
const MAX_CACHED = 1_000_000;
/** The longest document that is cached. Clients send few documents, many times, and short ones. */
const LONGEST_CACHED = 20_000;

/** A document that was validated; one with errors is not executed. */
export interface CheckedDocument {
  /** Absent when it cannot be parsed. */
  readonly document: DocumentNode | undefined;
  readonly errors: readonly GraphQLError[];
  /** Whether it is executed sooner than handed over to another thread. */
  readonly isShort: boolean;
}

/** Documents by their text, and by its hash where callers name them so. A thousand streams of one document hold it once. */
export interface DocumentCache {
  /** Finds a document, or parses and validates it. Only documents without errors are cached, by their hash as well if there is one. */
  read(query: string, hash?: string): CheckedDocument;
  /** The text of a cached document. */
  find(hash: string): string | undefined;
  /** Caches the text of a document without errors, which was checked elsewhere. */
  keep(query: string, hash: string): void;
}

interface Entry {
  /** Absent until it is read here. */
  checked: CheckedDocument | undefined;
  hash: string | undefined;
}

export function createDocumentCache(rules: DocumentRules): DocumentCache {
  const texts = new Map<string, string>();
  const cached = new LRUCache<string, Entry>({
    maxSize: MAX_CACHED,
    maxEntrySize: LONGEST_CACHED,
    sizeCalculation: (_, query) => query.length,
    // Not called for what is too long to be cached.
    dispose: ({ hash }) => hash !== undefined && texts.delete(hash),
  });

  function put(query: string, checked: CheckedDocument | undefined, hash: string | undefined): void {
    cached.set(query, { checked, hash });
    if (hash !== undefined && cached.has(query)) texts.set(hash, query);
  }

  function check(query: string): CheckedDocument {
    try {
      const document = rules.parse(query);
      const errors = rules.errorsOf(document);
      const isShort = errors.length > 0 || isShortDocument(document);
      return { document, errors: errors.map((error) => withCode(error, 'GRAPHQL_VALIDATION_FAILED')), isShort };
    } catch (error) {
      if (!(error instanceof GraphQLError)) throw error;
      return { document: undefined, errors: [withCode(error, 'GRAPHQL_PARSE_FAILED')], isShort: true };
    }
  }

  return {
    read(query, hash) {
      const known = cached.get(query);
      if (known?.checked && (hash === undefined || known.hash !== undefined)) return known.checked;
      const checked = known?.checked ?? check(query);
      if (checked.errors.length === 0) put(query, checked, hash ?? known?.hash);
      return checked;
    },
    find(hash) {
      const query = texts.get(hash);
      // What is still asked for is kept longer.
      if (query !== undefined) cached.get(query);
      return query;
    },
    keep(query, hash) {
      if (!texts.has(hash)) put(query, cached.peek(query)?.checked, hash);
    },
  };
}

/** Adds the code of the error and its status: 400 for clients that accept `application/graphql-response+json`. */
function withCode(error: GraphQLError, code: string): GraphQLError {
  error.extensions['code'] ??= code;
  error.extensions['http'] ??= { status: 400, spec: true };
  return error;
}
