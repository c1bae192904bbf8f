import { type Caller, stillHolds } from '../domain/caller.ts';
import { isTokenText, isUseWorthRecording, type Token } from '../domain/token.ts';
import { StorageError, type Store } from '../store/store.ts';
import { tokenHash } from './tokens.ts';

/** The live token that a caller sent, if it is one. */
export type Authenticate = (text: string) => Promise<Token | undefined>;

/**
 * Asks the store each time, so that another process can revoke a token at once. The last use is noted beside the request,
 * which neither waits for it nor fails with it.
 */
export function createAuthenticate(store: Store, now: () => number, report: (fault: unknown) => void): Authenticate {
  // What was noted here, be it on disk by now or not: a disk that is full is not tried again for each request.
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
    if (token) noteUse(token);
    return token;
  };
}

/** Whether a caller that was let in earlier would be let in now: its token may have been revoked meanwhile. */
export const stillMayCall = async (store: Store, caller: Caller): Promise<boolean> =>
  caller.by === 'network' || stillHolds(caller, await store.liveTokenIds());
