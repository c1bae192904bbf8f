import { hash } from 'node:crypto';
import { GraphQLError } from 'graphql';
import { PERSISTED_QUERY_NOT_FOUND } from '../../domain/limits.ts';
import type { DocumentCache } from '../engine/document-cache.ts';
import { type RequestParams, refuse } from './request.ts';

// Apollo's automatic persisted queries: a client names a document by its hash alone, and sends the text beside it once it was
// answered that the hash is unknown. Only documents without errors are kept, each by the hash of its own text, so that nobody can
// put another one in its place.

const NAME = 'extensions.persistedQuery';
const SHA256 = /^[0-9a-f]{64}$/;

/** The hash by which a request names its document; throws when it cannot be one, or is not that of the text beside it. */
export function persistedHash(params: RequestParams): string | undefined {
  const named: unknown = params?.extensions?.['persistedQuery'];
  if (named == null) return undefined;
  const { version, sha256Hash } = named as { readonly version?: unknown; readonly sha256Hash?: unknown };
  const { query } = params;
  if (version !== 1) throw refuse(`${NAME}.version must be 1.`, 400);
  if (typeof sha256Hash !== 'string' || !SHA256.test(sha256Hash)) {
    throw refuse(`${NAME}.sha256Hash must be a SHA-256 hash: 64 digits and letters from a to f.`, 400);
  }
  if (typeof query === 'string' && hash('sha256', query) !== sha256Hash) {
    throw refuse(`${NAME}.sha256Hash is not the SHA-256 hash of the query.`, 400);
  }
  return sha256Hash;
}

/** The text of the document of a request that only names it. */
export function persistedText(documents: DocumentCache, sha256Hash: string): string {
  const query = documents.find(sha256Hash);
  if (query !== undefined) return query;
  // Clients recognize this message or this code, and then send the text.
  throw new GraphQLError('PersistedQueryNotFound', {
    extensions: { code: PERSISTED_QUERY_NOT_FOUND, http: { status: 200, headers: { 'Cache-Control': 'no-store' } } },
  });
}

export const isNotFound = (problem: unknown): boolean =>
  problem instanceof GraphQLError && problem.extensions['code'] === PERSISTED_QUERY_NOT_FOUND;
