import type { Scope } from '../../domain/caller.ts';
import { LIMIT_EXCEEDED, OVERLOADED } from '../../domain/limits.ts';
import { type Locale, textsOf } from '../../texts/index.ts';
import type { Unidentified } from './identify.ts';
import type { Excess } from './rate-limits.ts';

/** Why a request is refused before it reaches a door. */
export type Reason = 'unauthenticated' | 'forbidden' | 'wrongOrigin' | Unidentified;

export interface Denial {
  readonly status: number;
  /** The machine-readable reason, in GraphQL answers. */
  readonly code: string;
  readonly message: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** The challenge says what the request lacks (RFC 6750, 3). */
const challenge = (more = ''): Denial['headers'] => ({ 'WWW-Authenticate': `Bearer realm="intercom-flats"${more}` });

export function denialOf(reason: Reason, needed: Scope, locale: Locale): Denial {
  const texts = textsOf(locale);
  switch (reason) {
    case 'unauthenticated':
      return { status: 401, code: 'UNAUTHENTICATED', message: texts.tokenMissing, headers: challenge() };
    case 'invalidToken':
    case 'expiredToken':
    case 'noTokenYet': {
      const headers = challenge(', error="invalid_token"');
      const messages = {
        invalidToken: texts.tokenInvalid,
        expiredToken: texts.tokenExpired,
        noTokenYet: texts.noTokenYet,
      };
      const message = messages[reason];
      return { status: 401, code: 'UNAUTHENTICATED', message, headers };
    }
    case 'wrongScheme':
      return { status: 401, code: 'UNAUTHENTICATED', message: texts.wrongScheme, headers: challenge() };
    case 'forbidden': {
      const headers = challenge(`, error="insufficient_scope", scope="${needed}"`);
      return { status: 403, code: 'FORBIDDEN', message: texts.scopeTooNarrow(needed), headers };
    }
    case 'wrongOrigin':
      return { status: 403, code: 'FORBIDDEN', message: texts.wrongOrigin, headers: {} };
    case 'notLocal':
      return { status: 403, code: 'FORBIDDEN', message: texts.notLocal, headers: {} };
    case 'notLocalHttp10':
      return { status: 403, code: 'FORBIDDEN', message: texts.notLocalHttp10, headers: {} };
  }
}

export const unavailable = (code: string, message: string, seconds: number): Denial => ({
  status: 503,
  code,
  message,
  headers: { 'Retry-After': String(seconds) },
});

/** A body that was not read. */
export function bodyRefused(why: 'tooLarge' | 'overloaded', maxBytes: number, locale: Locale): Denial {
  const texts = textsOf(locale);
  if (why === 'overloaded') return unavailable(OVERLOADED, texts.overloaded, 1);
  return { status: 413, code: LIMIT_EXCEEDED, message: texts.bodyTooLarge(maxBytes), headers: {} };
}

export const rateLimited = ({ limit, seconds }: Excess, locale: Locale): Denial => ({
  status: 429,
  code: 'RATE_LIMITED',
  message: textsOf(locale).tooManyRequests(limit, seconds),
  headers: { 'Retry-After': String(seconds) },
});
