import pg from 'pg';
import { StorageError, UnusableDatabaseError } from '../../store.ts';

/** A connection that is gone, or a server that does not take it: nothing is known of the server but the reason. */
export class ConnectionLostError extends Error {
  override readonly name = 'ConnectionLostError';
}

/**
 * A statement that the server refused. What PostgreSQL says of it may quote values, such as codes of keys, so only its code and
 * the name of the constraint are kept.
 */
export class StatementError extends Error {
  override readonly name = 'StatementError';
  readonly code: string;

  constructor(code: string, constraint?: string) {
    super(`PostgreSQL refused the statement: ${constraint ? `${code}, ${constraint}` : code}`);
    this.code = code;
  }
}

/** The server asks for a password, and there is none. */
export class NoPasswordError extends Error {
  override readonly name = 'NoPasswordError';
}

/** The error of the driver without what it quotes. `isDead` says whether its connection is gone. */
export function toError(error: unknown, isDead: boolean): Error {
  if (error instanceof pg.DatabaseError && error.code !== undefined) {
    if (isDead || LOST.test(error.code)) return new ConnectionLostError(reasonOf(error));
    return new StatementError(error.code, error.constraint);
  }
  return new ConnectionLostError(reasonOf(error));
}

/** The server ends the connection, or takes no writes: another one has to be found. */
const LOST = /^(08|57P|25006|25P03)/;

/** The reason of a fault as text for the operator. */
export function reasonOf(error: unknown): string {
  if (error instanceof StatementError || error instanceof pg.DatabaseError) {
    const { code = '' } = error;
    return REASONS[code] ?? `PostgreSQL reports ${code}`;
  }
  if (error instanceof ConnectionLostError) return error.message;
  if (error instanceof AggregateError) return reasonOf(error.errors[0]);
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (REASONS[code] !== undefined) return REASONS[code];
  // The driver's own messages quote nothing but addresses.
  return error instanceof Error
    ? error.message === 'timeout expired'
      ? 'it does not answer'
      : error.message
    : String(error);
}

const REASONS: Readonly<Record<string, string>> = {
  '28000': 'it refuses the user; check the user, and pg_hba.conf of the server',
  '28P01': 'the password is wrong',
  '3D000': 'there is no such database',
  '42501': 'the user lacks a right that the service needs; it must own the tables, or be allowed to create them',
  '25006': 'it takes no writes',
  '53100': 'its disk is full',
  '53200': 'it is out of memory',
  '53300': 'it takes no more connections',
  '57P01': 'it ended the connection',
  '57P02': 'it ended the connection',
  '57P03': 'it is starting or stopping',
  '57014': 'the statement took too long',
  ECONNREFUSED: 'nothing listens there',
  ECONNRESET: 'the connection was reset',
  ENOTFOUND: 'the host is unknown',
  EAI_AGAIN: 'the name of the host cannot be looked up now',
  ENOENT: 'nothing listens there',
  EHOSTUNREACH: 'the host cannot be reached',
  ENETUNREACH: 'the host cannot be reached',
  ETIMEDOUT: 'it does not answer',
  EPIPE: 'the connection was reset',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is not signed by a known authority',
  SELF_SIGNED_CERT_IN_CHAIN: 'its certificate is not signed by a known authority',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its certificate is not signed by a known authority',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'its certificate is not signed by a known authority',
  CERT_HAS_EXPIRED: 'its certificate has expired',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another host',
};

const codeOf = (error: unknown): string => (error instanceof StatementError ? error.code : '');

/** Whether another transaction was in the way, so that the same one may succeed a moment later. */
export const isContention = (error: unknown): boolean => /^(55P03|40P01|40001|57014)$/.test(codeOf(error));

/** Whether the server has no room, memory or connection left. */
const isExhausted = (error: unknown): boolean => codeOf(error).startsWith('53');

/** Whether no attempt would succeed before the operator has changed something. */
export const isWrongSetup = (error: unknown): boolean =>
  error instanceof NoPasswordError || (error instanceof pg.DatabaseError && /^(28|3D)/.test(error.code ?? ''));

/** What callers are told of a fault that the storage has; another fault is returned as it is. */
export function toStorageError(error: unknown): unknown {
  if (error instanceof StorageError) return error;
  const options = { cause: error };
  if (error instanceof ConnectionLostError || error instanceof UnusableDatabaseError) {
    return new StorageError('busy', `the database cannot be reached: ${error.message}`, options);
  }
  if (isContention(error)) return new StorageError('busy', 'another writer keeps the database locked', options);
  if (codeOf(error) === '53100') return new StorageError('full', reasonOf(error), options);
  if (codeOf(error) === '42501') return new StorageError('readOnly', reasonOf(error), options);
  return isExhausted(error) ? new StorageError('busy', reasonOf(error), options) : error;
}
