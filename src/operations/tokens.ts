import { randomBytes } from 'node:crypto';
import type { Scope } from '../domain/caller.ts';
import { TOKEN_PREFIX, type TokenNameProblem, tokenNameProblem } from '../domain/token.ts';
import type { Store } from '../store/store.ts';
import { tokenHash } from './token-hash.ts';

export type CreatedToken =
  /** The token as its caller has to send it; it cannot be told a second time. */
  | { readonly kind: 'created'; readonly token: string }
  | { readonly kind: 'refused'; readonly problem: TokenNameProblem | 'taken' };

/** Makes a token of 32 random bytes. */
export async function createToken(store: Store, name: string, scope: Scope): Promise<CreatedToken> {
  const problem = tokenNameProblem(name);
  if (problem) return { kind: 'refused', problem };
  const token = `${TOKEN_PREFIX}${randomBytes(32).toString('base64url')}`;
  const added = await store.addToken(name, scope, tokenHash(token));
  return added ? { kind: 'created', token } : { kind: 'refused', problem: 'taken' };
}
