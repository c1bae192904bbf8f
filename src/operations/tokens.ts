import { hash, randomBytes } from 'node:crypto';
import type { Scope } from '../domain/caller.ts';
import { TOKEN_PREFIX, type TokenNameProblem, tokenNameProblem } from '../domain/token.ts';
import type { Store } from '../store/store.ts';

export type CreatedToken =
  /** The token as its caller has to send it; it cannot be shown a second time. */
  | { readonly kind: 'created'; readonly token: string }
  | { readonly kind: 'refused'; readonly problem: TokenNameProblem | 'taken' };

/** Creates a token of 32 random bytes; `expiresAt` is in milliseconds since 1970. */
export async function createToken(
  store: Store,
  name: string,
  scope: Scope,
  expiresAt: number | null = null,
): Promise<CreatedToken> {
  const problem = tokenNameProblem(name);
  if (problem) return { kind: 'refused', problem };
  const token = `${TOKEN_PREFIX}${randomBytes(32).toString('base64url')}`;
  const added = await store.addToken(name, scope, tokenHash(token), expiresAt);
  return added ? { kind: 'created', token } : { kind: 'refused', problem: 'taken' };
}

/** `last`: no live token is left. */
export type RevokedToken = { readonly kind: 'revoked'; readonly last: boolean } | { readonly kind: 'unknown' };

/** Revokes a token, for good and at once; its name is free again. */
export async function revokeToken(store: Store, name: string): Promise<RevokedToken> {
  if (!(await store.revokeToken(name))) return { kind: 'unknown' };
  return { kind: 'revoked', last: !(await store.hasToken()) };
}

/** What is stored of a token: 32 bytes. A token is random enough for a plain SHA-256; there is nothing to guess. */
export const tokenHash = (text: string): Buffer => hash('sha256', text, 'buffer');
