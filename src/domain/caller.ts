import { hasExpired } from './token.ts';

/** What a caller may do, from the least to the most; each holds those before it. */
export const SCOPES = ['read', 'write', 'admin'] as const;

export type Scope = (typeof SCOPES)[number];

/** The caller, and how it was identified. */
export type Caller =
  | {
      readonly by: 'token';
      readonly actor: string;
      readonly scope: Scope;
      readonly tokenId: number;
      readonly expiresAt: number | null;
    }
  /** The address stands for the caller: legacy scripts send no token. */
  | { readonly by: 'network'; readonly actor: 'legacy'; readonly scope: 'write' }
  /** On the service's own machine, as long as there is no token. */
  | { readonly by: 'local'; readonly actor: 'local'; readonly scope: 'admin' }
  /** Nothing identifies the caller. */
  | { readonly by: 'nothing'; readonly actor: 'nobody'; readonly scope: null };

export const LEGACY: Caller = { by: 'network', actor: 'legacy', scope: 'write' };
export const LOCAL: Caller = { by: 'local', actor: 'local', scope: 'admin' };
export const NOBODY: Caller = { by: 'nothing', actor: 'nobody', scope: null };

export type Access = 'granted' | 'unauthenticated' | 'forbidden';

/** The one authorization rule, for every door. */
export function accessOf({ scope }: Caller, needed: Scope): Access {
  if (scope === null) return 'unauthenticated';
  return SCOPES.indexOf(scope) >= SCOPES.indexOf(needed) ? 'granted' : 'forbidden';
}

/** The widest of these scopes; `read` when there are none. */
export const widest = (scopes: Iterable<Scope>): Scope => {
  const all = new Set(scopes);
  return SCOPES.findLast((it) => all.has(it)) ?? 'read';
};

/**
 * Whether a caller that was accepted earlier would still be accepted: its token must not have been revoked or have
 * expired, and nobody is local once there is a token.
 */
export function stillHolds(caller: Caller, liveTokens: ReadonlySet<number>, now: number): boolean {
  if (caller.by === 'token') return liveTokens.has(caller.tokenId) && !hasExpired(caller, now);
  return caller.by !== 'local' || liveTokens.size === 0;
}
