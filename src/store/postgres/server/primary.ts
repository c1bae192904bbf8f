import { setTimeout as sleep } from 'node:timers/promises';
import { UnusableDatabaseError } from '../../store.ts';
import { text } from '../sql-text.ts';
import { changeLog } from '../tables.ts';
import { type Address, addressText, type Host } from './address.ts';
import { type Connection, type ConnectionOptions, connect } from './connection.ts';
import { ConnectionLostError, isWrongSetup, reasonOf } from './errors.ts';

/** A session on the server that takes writes. */
export interface PrimaryConnection extends Connection {
  /** The number of the server's history: each promotion of a standby begins a new one. */
  readonly timeline: number;
  readonly host: Host;
}

export interface Primary {
  /**
   * Connects to the one of the hosts that takes writes. Looks for it until the deadline, and then rejects with a
   * `ConnectionLostError` that says what is wrong with each host.
   */
  connect(name: string, settings: ConnectionOptions['settings'], deadline: number): Promise<PrimaryConnection>;
}

export interface PrimaryOptions {
  readonly answerTimeoutMs: number;
}

/** The oldest version that has what the statements use, as the server gives it. */
const MIN_VERSION = 140_000;
const CONNECT_TIMEOUT_MS = 2_000;
/** How long other hosts are waited for once one is found. */
const OTHERS_MS = 300;
/** The pause before all hosts are tried again. */
const RETRY_PAUSE_MS = 200;

/** The parameter that says of which server the settings and the state are asked. `pg_control_checkpoint` may be late. */
const STATE = `select current_setting('server_version_num')::int, pg_is_in_recovery(), current_setting('transaction_read_only'),
  case when pg_is_in_recovery() then 0 else ('x' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8))::bit(32)::int end,
  to_regclass('change_log') is not null`;

/** Greater than what a history can lose, and small enough for a million of them. */
const JUMP = 2 ** 32;

/**
 * A promotion may have lost the last commits of the history before. So the log jumps with each new history, and no position that
 * anybody holds ever becomes that of another change.
 */
export const ALIGN = text`update ${changeLog} set seq = case timeline when 0 then seq else seq + ${JUMP} end, timeline = $1::bigint
  where one and timeline <> $1::bigint`;

/** A host that answers, but is not the one to write to. */
class NotPrimaryError extends Error {
  override readonly name = 'NotPrimaryError';
}

/** Finds the host that takes writes, and finds it again after a failover. */
export function createPrimary(address: Address, { answerTimeoutMs }: PrimaryOptions): Primary {
  /** A server whose history is older than this was the primary once: what it takes now would be lost. */
  let newestTimeline = 0;

  async function tryHost(host: Host, options: ConnectionOptions): Promise<PrimaryConnection> {
    const connection = await connect(address, host, options);
    try {
      const [row] = (await connection.query({ text: STATE })).rows;
      const [version, isStandby, readOnly, timeline, hasLog] = row as [number, boolean, string, number, boolean];
      if (version < MIN_VERSION) {
        const number = Math.floor(version / 10_000);
        throw new UnusableDatabaseError(`${nameOf(host)} is PostgreSQL ${number}; at least version 14 is needed.`);
      }
      if (isStandby) throw new NotPrimaryError('it is a standby');
      if (readOnly === 'on') throw new NotPrimaryError('it takes no writes');
      if (timeline < newestTimeline) throw new NotPrimaryError('it was the primary before a failover');
      newestTimeline = timeline;
      if (hasLog) await connection.query({ text: ALIGN, values: [timeline] });
      return { ...connection, timeline, host };
    } catch (error) {
      connection.close();
      throw error;
    }
  }

  /** Of several that take writes, the one with the newest history. A host that does not answer is not waited for. */
  async function find(options: ConnectionOptions): Promise<PrimaryConnection> {
    const found: PrimaryConnection[] = [];
    const tries = address.hosts.map(async (host) => {
      const connection = await tryHost(host, options);
      found.push(connection);
    });
    const all = Promise.allSettled(tries);
    await Promise.any(tries).then(
      () => Promise.race([all, sleep(OTHERS_MS, undefined, { ref: false })]),
      () => {},
    );
    const newest = found.reduce<PrimaryConnection | undefined>(
      (best, it) => (best && best.timeline >= it.timeline ? best : it),
      undefined,
    );
    if (newest) {
      void all.then(() => {
        for (const it of found) if (it !== newest) it.close();
      });
      return newest;
    }
    const errors = (await all).flatMap((it) => (it.status === 'rejected' ? it.reason : []));
    const wrong = errors.find((it) => it instanceof UnusableDatabaseError || isWrongSetup(it));
    const reasons = errors.map((error, index) => `${nameOf(address.hosts[index] as Host)}: ${reasonOf(error)}`);
    const message = `no server takes writes (${reasons.join('; ')})`;
    if (wrong instanceof UnusableDatabaseError) throw wrong;
    if (wrong) throw new UnusableDatabaseError(`Cannot use the database ${addressText(address)}: ${message}.`);
    throw new ConnectionLostError(message);
  }

  return {
    async connect(name, settings, deadline) {
      for (;;) {
        try {
          return await find({ name, settings, answerTimeoutMs, connectTimeoutMs: CONNECT_TIMEOUT_MS });
        } catch (error) {
          if (!(error instanceof ConnectionLostError) || performance.now() + RETRY_PAUSE_MS > deadline) throw error;
        }
        await sleep(RETRY_PAUSE_MS);
      }
    },
  };
}

const nameOf = ({ host, port }: Host): string => `${host}:${port}`;
