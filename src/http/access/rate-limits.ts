import { hash, randomBytes } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { createRequire } from 'node:module';
import type { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import type { Caller } from '../../domain/caller.ts';
import { type AddressSet, networkOf } from './addresses.ts';
import { type Arrived, clientAddress } from './client-address.ts';
import type { Unidentified } from './identify.ts';
import type { IsLocal } from './local-request.ts';

// The package as a whole brings stores for a dozen databases along.
const require = createRequire(import.meta.url);
const Limiter = require('rate-limiter-flexible/lib/RateLimiterMemory.js') as typeof RateLimiterMemory;
const Refused = require('rate-limiter-flexible/lib/RateLimiterRes.js') as typeof RateLimiterRes;

/** Limits in requests a minute, each independent; null is unlimited. */
export interface RateLimits {
  /** For an address without valid credentials. */
  readonly unauthenticated: number | null;
  /** For an address that sends an invalid token. */
  readonly failedAuthentications: number | null;
  readonly perToken: number | null;
  /** For an address in a trusted network, without a token. */
  readonly perTrustedAddress: number | null;
}

/** A caller exceeded its rate limit. */
export interface Excess {
  /** Requests a minute. */
  readonly limit: number;
  /** When the next request will be allowed. */
  readonly seconds: number;
}

/** Counts a request, and adds the headers of its limit; returns `undefined` at once for an unlimited caller. */
export type CountRequest = (
  request: Arrived,
  response: Pick<ServerResponse, 'setHeader'>,
  caller: Caller | Unidentified,
) => Promise<Excess | undefined> | undefined;

const WINDOW_SECONDS = 60;

/**
 * Addresses are hashed into a fixed number of slots with a secret of this process, and two may share one. So memory is
 * bounded whatever number of addresses there is, and nobody can aim at another's slot.
 */
const SLOTS = 16_384;

interface Counter {
  readonly name: string;
  readonly limit: number;
  readonly consumed: RateLimiterMemory;
}

const counter = (name: string, limit: number | null): Counter | undefined =>
  limit === null ? undefined : { name, limit, consumed: new Limiter({ points: limit, duration: WINDOW_SECONDS }) };

/**
 * Accepted callers are counted only when the operator configured a limit; refused ones always are. A valid token is never
 * refused because of what others send from its address.
 */
export function createRateLimits(limits: RateLimits, proxies: AddressSet, isLocal: IsLocal): CountRequest {
  const salt = randomBytes(16).toString('hex');
  const failed = counter('failed', limits.failedAuthentications);
  const nobodys = counter('unauthenticated', limits.unauthenticated);
  const tokens = counter('token', limits.perToken);
  const trusted = counter('trusted', limits.perTrustedAddress);

  /** The slot of an address; unknown ones share one. */
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
        // Local monitoring is not limited by requests that come through a proxy on this machine.
        return nobodys && !isLocal(request) ? count(nobodys, slotOf(request), response) : undefined;
      case 'local':
        return undefined;
    }
  };
}

/** Sends what is left of the limit, in the headers of draft-ietf-httpapi-ratelimit-headers. */
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
    if (!(refused instanceof Refused)) throw refused;
    state = refused;
    exceeds = true;
  }
  const seconds = Math.max(1, Math.ceil(state.msBeforeNext / 1_000));
  response.setHeader('RateLimit-Policy', `"${name}";q=${limit};w=${WINDOW_SECONDS}`);
  response.setHeader('RateLimit', `"${name}";r=${state.remainingPoints};t=${seconds}`);
  return exceeds ? { limit, seconds } : undefined;
}
