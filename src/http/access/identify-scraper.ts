import { hash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { type Caller, NOBODY } from '../../domain/caller.ts';
import { hasExpired } from '../../domain/token.ts';
import { StorageError } from '../../store/store.ts';
import { inTime } from '../../telemetry/in-time.ts';
import type { Arrived } from './client-address.ts';
import type { Identify } from './identify.ts';
import type { IsLocal } from './local-request.ts';

/** How long the store is waited for by who is known without it; Prometheus gives up a scrape after 10 s. */
const TIMEOUT_MS = 500;
/** The most tokens that are remembered; more than anybody scrapes with. */
const MAX_TOKENS = 100;

type TokenCaller = Extract<Caller, { readonly by: 'token' }>;

/**
 * Identifies callers for monitoring, which is needed most while the database does not answer. Then a token that it accepted here last
 * is accepted until it expires, and a caller on this machine without one is `nobody`; everybody else gets the fault of the store.
 */
export function createIdentifyScraper(identify: Identify, isLocal: IsLocal, now: () => number): Identify {
  const accepted = new LRUCache<string, TokenCaller>({ max: MAX_TOKENS });

  /** Remembers the answer of the store, even one that comes too late for its request. */
  async function ask(...[request, byNetwork]: Parameters<Identify>): ReturnType<Identify> {
    const caller = await identify(request, byNetwork);
    const key = keyOf(request);
    if (key === undefined) return caller;
    if (typeof caller === 'object' && caller.by === 'token') accepted.set(key, caller);
    else accepted.delete(key);
    return caller;
  }

  function findKnown(request: Arrived): Caller | undefined {
    const key = keyOf(request);
    if (key === undefined) return isLocal(request) ? NOBODY : undefined;
    const known = accepted.get(key);
    return known && !hasExpired(known, now()) ? known : undefined;
  }

  return async (request, byNetwork) => {
    const asked = ask(request, byNetwork);
    try {
      return await (findKnown(request) ? inTime(asked, TIMEOUT_MS) : asked);
    } catch (fault) {
      // A token may have expired, or have been refused, meanwhile.
      const known = fault instanceof StorageError ? findKnown(request) : undefined;
      if (known) return known;
      throw fault;
    }
  };
}

/** No secret stays in memory. */
const keyOf = ({ headers: { authorization } }: Arrived): string | undefined =>
  authorization === undefined ? undefined : hash('sha256', authorization);
