import { hash, randomBytes } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import type { Caller } from '../../domain/caller.ts';
import { type AddressSet, networkOf } from './addresses.ts';
import { type Arrived, clientAddress } from './client-address.ts';
import type { Unidentified } from './identify.ts';
import { isLocalRequest } from './local-request.ts';

/** Requests a minute, each by itself; null for as many as come. */
export interface RateLimits {
  /** Of an address that shows nothing which lets it in. */
  readonly unauthenticated: number | null;
  /** Of an address, with a token that is none. */
  readonly failedAuthentications: number | null;
  readonly perToken: number | null;
  /** Of an address in a trusted network, without a token. */
  readonly perTrustedAddress: number | null;
}

/** That a caller asks more often than allowed. */
export interface Excess {
  /** Requests a minute. */
  readonly limit: number;
  /** When there will be room again. */
  readonly seconds: number;
}

/** Counts a request, and says so in its answer; at once nothing when its caller may ask as often as it likes. */
export type CountRequest = (
  request: Arrived,
  response: Pick<ServerResponse, 'setHeader'>,
  caller: Caller | Unidentified,
) => Promise<Excess | undefined> | undefined;

const WINDOW_SECONDS = 60;

/**
 * Addresses are counted in so many slots: which of them is an address's own is a secret of this process, and two may
 * share one. So memory stays the same whatever number of addresses there is, and nobody can aim at another's slot.
 */
const SLOTS = 16_384;

interface Counter {
  readonly name: string;
  readonly limit: number;
  readonly consumed: RateLimiterMemory;
}

const counter = (name: string, limit: number | null): Counter | undefined =>
  limit === null
    ? undefined
    : { name, limit, consumed: new RateLimiterMemory({ points: limit, duration: WINDOW_SECONDS }) };

/**
 * Who is let in is counted only when the operator wants it; who is not, always. A valid token is never kept out by what
 * others send from its address.
 */
export function createRateLimits(limits: RateLimits, proxies: AddressSet): CountRequest {
  const salt = randomBytes(16).toString('hex');
  const failed = counter('failed', limits.failedAuthentications);
  const nobodys = counter('unauthenticated', limits.unauthenticated);
  const tokens = counter('token', limits.perToken);
  const trusted = counter('trusted', limits.perTrustedAddress);

  /** The slot of an address; all that cannot be known share one. */
  function slotOf(request: Arrived): number {
    const { address } = clientAddress(request, proxies);
    if (address === undefined) return SLOTS;
    return hash('sha256', salt + networkOf(address), 'buffer').readUInt16BE(0) % SLOTS;
  }

  return (request, response, caller) => {
    if (typeof caller === 'string') {
      const counts = caller.startsWith('notLocal') ? nobodys : failed;
      return counts && count(counts, slotOf(request), response);
    }
    switch (caller.by) {
      case 'token':
        return tokens && count(tokens, caller.tokenId, response);
      case 'network':
        return trusted && count(trusted, slotOf(request), response);
      case 'nothing':
        // What watches this machine from itself shall see it also when strangers come through a proxy on it.
        return nobodys && !isLocalRequest(request, proxies) ? count(nobodys, slotOf(request), response) : undefined;
      case 'local':
        return undefined;
    }
  };
}

/** Tells the caller what is left in the headers of draft-ietf-httpapi-ratelimit-headers. */
async function count(
  { name, limit, consumed }: Counter,
  slot: number,
  response: Pick<ServerResponse, 'setHeader'>,
): Promise<Excess | undefined> {
  let state: RateLimiterRes;
  let exceeds = false;
  try {
    state = await consumed.consume(slot);
  } catch (refused) {
    if (!(refused instanceof RateLimiterRes)) throw refused;
    state = refused;
    exceeds = true;
  }
  const seconds = Math.max(1, Math.ceil(state.msBeforeNext / 1_000));
  response.setHeader('RateLimit-Policy', `"${name}";q=${limit};w=${WINDOW_SECONDS}`);
  response.setHeader('RateLimit', `"${name}";r=${state.remainingPoints};t=${seconds}`);
  return exceeds ? { limit, seconds } : undefined;
}
