import { type Caller, stillHolds } from '../domain/caller.ts';
import { hasExpired, isTokenText, isUseWorthRecording, type Token } from '../domain/token.ts';
import { StorageError, type Store, type TokenReads } from '../store/store.ts';
import { tokenHash } from './tokens.ts';

/** The live token that a caller sent, if it is one. */
export type Authenticate = (text: string) => Promise<Token | 'expired' | undefined>;

/**
 * Asks the store each time, so that a token revoked by another process stops working at once. The last use is recorded in
 * the background: the request neither waits for it nor fails with it.
 */
export function createAuthenticate(store: Store, now: () => number, report: (fault: unknown) => void): Authenticate {
  // What was recorded here, on disk or not: a full disk is not tried again for each request.
  const noted = new Map<number, number>();

  function noteUse({ id, lastUsedAt }: Token): void {
    const usedAt = now();
    if (!isUseWorthRecording(usedAt, lastUsedAt) || !isUseWorthRecording(usedAt, noted.get(id) ?? null)) return;
    noted.set(id, usedAt);
    store.recordTokenUse(id).catch((fault: unknown) => {
      if (!(fault instanceof StorageError)) report(fault);
    });
  }

  return async (text) => {
    if (!isTokenText(text)) return undefined;
    const token = await store.findToken(tokenHash(text));
    if (token && hasExpired(token, now())) return 'expired';
    if (token) noteUse(token);
    return token;
  };
}

/** Whether a caller that was accepted earlier is still accepted: its token may have been revoked meanwhile, or have expired. */
export const stillMayCall = async (
  store: Pick<TokenReads, 'liveTokenIds'>,
  caller: Caller,
  now: number,
): Promise<boolean> => caller.by === 'network' || stillHolds(caller, await store.liveTokenIds(), now);
