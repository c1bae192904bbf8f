import type { Scope } from './caller.ts';

/** A token as it is stored: the secret text itself is stored nowhere. */
export interface Token {
  readonly id: number;
  /** The actor in the log. */
  readonly name: string;
  readonly scope: Scope;
  /** Milliseconds since 1970, like the other times. */
  readonly createdAt: number;
  /** Up to a minute behind; null before the first use. */
  readonly lastUsedAt: number | null;
  /** Null while the token is live. */
  readonly revokedAt: number | null;
  /** From when on the token is not accepted, though nobody revoked it; null for one that does not expire. */
  readonly expiresAt: number | null;
}

/** Whether a token is not accepted any more at a moment. */
export const hasExpired = ({ expiresAt }: Pick<Token, 'expiresAt'>, now: number): boolean =>
  expiresAt !== null && now >= expiresAt;

const HOUR_MS = 60 * 60 * 1_000;
/** The units of the time after which a token expires. */
const UNITS_MS: Readonly<Record<string, number>> = { h: HOUR_MS, d: 24 * HOUR_MS };

/** A time like `30d` or `12h`, in milliseconds; `undefined` for any other text. */
export function parseLifetime(text: string): number | undefined {
  const [, count = '0', unit = ''] = /^(\d{1,4})([hd])$/.exec(text) ?? [];
  return Number(count) * (UNITS_MS[unit] ?? 0) || undefined;
}

/** The longest name, in characters (Unicode code points). */
export const MAX_TOKEN_NAME = 100;

/** Names of actors without a token: a token of this name could not be distinguished from them in the change log. */
const RESERVED = ['local', 'legacy', 'nobody'];

export type TokenNameProblem = 'empty' | 'tooLong' | 'unprintable' | 'reserved';

/** What is wrong with the name of a new token. */
export function tokenNameProblem(name: string): TokenNameProblem | undefined {
  if (name === '') return 'empty';
  if ([...name].length > MAX_TOKEN_NAME) return 'tooLong';
  // Two names must not differ only in invisible characters.
  if (/[\p{C}\p{Zl}\p{Zp}]/u.test(name) || name.trim() !== name) return 'unprintable';
  return RESERVED.includes(name.toLowerCase()) ? 'reserved' : undefined;
}

/** The prefix of every token, so that people and secret scanners recognize one. */
export const TOKEN_PREFIX = 'ifl_';

const TOKEN = new RegExp(`^${TOKEN_PREFIX}[A-Za-z0-9_-]{43}$`);

/** Whether a text can be a token at all. */
export const isTokenText = (text: string): boolean => TOKEN.test(text);

/** How far the stored last use may be behind: recording every use would cost a commit for each request. */
const USE_PRECISION_MS = 60_000;

/** Whether a use should be recorded, after the one that was recorded last. */
export const isUseWorthRecording = (usedAt: number, notedAt: number | null): boolean =>
  notedAt === null || usedAt - notedAt >= USE_PRECISION_MS;
