import { StorageError } from '../../store.ts';
import { type Compile, createCompiler, type Values } from '../read/query.ts';
import type { Answer } from '../server/connection.ts';
import { ConnectionLostError } from '../server/errors.ts';
import type { PrimaryConnection } from '../server/primary.ts';
import { GRACE_MS } from '../server/read-pool.ts';
import { text } from '../sql-text.ts';
import { writers } from '../tables.ts';

/** Statements of one transaction. They are sent at once, and run in their order. */
export interface Session {
  /** Marks the transaction in the table of writers. */
  readonly id: string;
  readonly session: number;
  readonly batch: number;
  /** `timeoutMs` is for a statement that takes longer than the patience of its caller. */
  run(sql: string, values?: Values, timeoutMs?: number): Promise<Answer>;
}

/** What a transaction marks its end with. */
export interface Mark {
  /** The seq before its first change, and its time. */
  readonly base: number;
  readonly at: number;
}

/** The last statement of a transaction, which is sent together with its commit. It gives the mark. */
export interface Last<T> {
  readonly mark: Promise<Mark>;
  readonly value: (mark: Mark) => T;
}

export interface Writer extends Disposable {
  /**
   * Runs a transaction and resolves once it is stored. `work` may return `undefined` to end it without a change. Rejects with
   * a `ConnectionLostError` when it is certain that nothing was stored, and with `outcomeUnknown` when it is not known.
   */
  transact<T>(work: (session: Session) => Promise<Last<T> | { readonly unchanged: T }>): Promise<T>;
}

export interface WriterOptions {
  /** Its name in the table of writers; no other connection has it. */
  readonly id: string;
  /** How long it looks for what became of a commit whose answer was lost. */
  readonly patienceMs: number;
  readonly connect: (deadline: number) => Promise<PrimaryConnection>;
}

/** How long a server is looked for before those that waited too long are refused. */
const CONNECT_MS = 1_000;

/**
 * Each connection of a writer begins a session: what an older one has sent and a proxy delivers late fails, since a transaction
 * marks the row of its own session. An older one that still runs holds the row, and this waits for it.
 */
const BEGIN_SESSION = text`insert into ${writers} (id, session, batch, base, at) values (@id, 1, 0, 0, @at)
  on conflict (id) do update set session = ${writers.session} + 1 returning session, batch, base, at`;

interface Opened {
  readonly connection: PrimaryConnection;
  readonly session: number;
  /** The last transaction that is stored. */
  readonly stored: Mark & { readonly batch: number };
}

/** Runs transactions one after the other on a connection of its own. */
export function createWriter({ id, patienceMs, connect }: WriterOptions): Writer {
  const compile: Compile = createCompiler();
  // It may wait for a standby, and is never cancelled: then it would be stored here alone.
  const COMMIT = { text: 'commit', timeoutMs: patienceMs + GRACE_MS };
  let current: Opened | undefined;
  let last = 0;

  async function open(deadline: number): Promise<Opened> {
    if (current && !current.connection.isDead()) return current;
    const connection = await connect(deadline);
    try {
      const [row] = (await connection.query(compile(BEGIN_SESSION, { id, at: Date.now() }))).rows;
      const [session, batch, base, at] = row as [number, number, number, number];
      current = { connection, session, stored: { batch, base, at } };
      last = Math.max(last, batch);
      return current;
    } catch (error) {
      connection.close();
      throw error;
    }
  }

  /** What became of a commit whose answer was lost. */
  async function settle<T>(batch: number, value: (mark: Mark) => T, cause: unknown): Promise<T> {
    const deadline = performance.now() + patienceMs;
    for (;;) {
      try {
        const { stored } = await open(deadline);
        if (stored.batch === batch) return value(stored);
        throw new NotStoredError('the connection was lost before the commit', { cause });
      } catch (error) {
        if (error instanceof NotStoredError) throw error;
        if (performance.now() < deadline) continue;
        throw new StorageError('outcomeUnknown', 'the connection was lost in a commit', { cause: error });
      }
    }
  }

  return {
    async transact(work) {
      const { connection, session } = await open(performance.now() + CONNECT_MS);
      const batch = ++last;
      const run: Session['run'] = (sql, values = {}, timeoutMs) =>
        connection.query({ ...compile(sql, values), ...(timeoutMs !== undefined && { timeoutMs }) });
      const begun = run('begin');
      let end: Awaited<ReturnType<typeof work>>;
      try {
        [, end] = await Promise.all([begun, work({ id, session, batch, run })]);
      } catch (error) {
        await rollback(connection);
        throw error;
      }
      if ('unchanged' in end) {
        await rollback(connection);
        return end.unchanged;
      }
      const warnings = connection.warnings();
      const [marked, committed] = await Promise.allSettled([end.mark, connection.query(COMMIT)]);
      const lost = [marked, committed].find(
        (it) => it.status === 'rejected' && it.reason instanceof ConnectionLostError,
      );
      if (lost) return settle(batch, end.value, (lost as PromiseRejectedResult).reason);
      if (marked.status === 'rejected') throw marked.reason;
      if (committed.status === 'rejected') throw committed.reason;
      if (committed.value.command !== 'COMMIT') throw new Error('the transaction was rolled back');
      // The wait for a standby was cancelled: it is stored here, and may be nowhere else.
      if (connection.warnings() > warnings) {
        connection.close();
        throw new StorageError('outcomeUnknown', 'the server did not wait for its standby');
      }
      return end.value(marked.value);
    },
    [Symbol.dispose]: () => current?.connection.close(),
  };
}

/** It is certain that a transaction was not stored. */
class NotStoredError extends ConnectionLostError {}

async function rollback(connection: PrimaryConnection): Promise<void> {
  if (connection.isDead()) return;
  await connection.query({ text: 'rollback' }).catch(() => {});
}
