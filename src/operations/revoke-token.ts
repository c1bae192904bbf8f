import type { Store } from '../store/store.ts';

/** What is left: `last` says that there is no live token any more. */
export type RevokedToken = { readonly kind: 'revoked'; readonly last: boolean } | { readonly kind: 'unknown' };

/** Ends a token, for good and at once; its name is free again. */
export async function revokeToken(store: Store, name: string): Promise<RevokedToken> {
  if (!(await store.revokeToken(name))) return { kind: 'unknown' };
  return { kind: 'revoked', last: !(await store.hasToken()) };
}
