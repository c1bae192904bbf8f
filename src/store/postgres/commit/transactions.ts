import { setTimeout as sleep } from 'node:timers/promises';
import { StorageError } from '../../store.ts';
import type { Values } from '../read/query.ts';
import { ConnectionLostError, isContention, toStorageError } from '../server/errors.ts';
import { markSession } from './head.ts';
import type { Session, Writer } from './writer.ts';

/** A transaction of a write that is not an edit. */
export interface Transaction extends Session {
  /** The moment at which the transaction began. */
  readonly now: number;
  /** The clock of a test. The log has the time of its own head, since the transaction may have waited for others. */
  readonly clock: number | null;
  /** Called with the seq of the newest row that the transaction has written into the log. */
  logged(seq: number): void;
  /** Every row of a statement, as its columns. */
  rows(sql: string, values?: Values, timeoutMs?: number): Promise<unknown[][]>;
  /** How many rows a statement has written. */
  count(sql: string, values?: Values, timeoutMs?: number): Promise<number>;
}

export interface Transactions extends Disposable {
  /** Runs work in a transaction and resolves with its result once it is stored. The work may run again. */
  run<T>(work: (transaction: Transaction) => Promise<T>): Promise<T>;
  waiting(): number;
  drained(): Promise<void>;
}

export interface TransactionsOptions {
  readonly writer: Writer;
  readonly now: (() => number) | undefined;
  readonly patienceMs: number;
  /** How many may wait; further ones are refused at once. */
  readonly maxWaiting: number;
  readonly onProblem: (error: unknown) => void;
  /** Called with the seq of the newest row of the log that a stored transaction has written, if it has written any. */
  readonly onLogged: (seq: number) => void;
}

/** How long a statement may take that writes many rows. */
export const LONG_MS = 60_000;
/** The pause before a transaction that something was in the way of is tried again. */
const RETRY_PAUSE_MS = 50;

/** Writes that are not edits, each in a transaction of its own, in the order in which they come. No edit waits for them. */
export function createTransactions({
  writer,
  now,
  patienceMs,
  maxWaiting,
  onProblem,
  onLogged,
}: TransactionsOptions): Transactions {
  const waiting: (() => void)[] = [];
  const onDrained: (() => void)[] = [];
  let isBusy = false;
  let newest = 0;

  async function begin(): Promise<void> {
    if (waiting.length >= maxWaiting) throw new StorageError('busy', 'too many writes are waiting');
    if (isBusy) return new Promise<void>((resolve) => waiting.push(resolve));
    isBusy = true;
  }

  function end(): void {
    const next = waiting.shift();
    isBusy = next !== undefined;
    if (next) next();
    else for (const resolve of onDrained.splice(0)) resolve();
  }

  async function attempt<T>(work: (transaction: Transaction) => Promise<T>): Promise<T> {
    return writer.transact(async (session) => {
      newest = 0;
      const clock = now ? now() : null;
      const mark = await markSession(session, clock);
      const value = await work({
        ...session,
        now: mark.at,
        clock,
        logged: (seq) => {
          newest = seq;
        },
        rows: async (...statement) => (await session.run(...statement)).rows,
        count: async (...statement) => (await session.run(...statement)).count,
      });
      return { mark: Promise.resolve(mark), value: () => value };
    });
  }

  return {
    async run(work) {
      await begin();
      const deadline = performance.now() + patienceMs;
      try {
        for (;;) {
          try {
            const value = await attempt(work);
            onProblem(undefined);
            if (newest > 0) onLogged(newest);
            return value;
          } catch (error) {
            const mayPass = error instanceof ConnectionLostError || isContention(error);
            if (!mayPass || performance.now() > deadline) throw error;
          }
          await sleep(RETRY_PAUSE_MS);
        }
      } catch (error) {
        const problem = toStorageError(error);
        onProblem(problem);
        throw problem;
      } finally {
        end();
      }
    },
    waiting: () => waiting.length,
    drained: () => (isBusy ? new Promise<void>((resolve) => onDrained.push(resolve)) : Promise.resolve()),
    [Symbol.dispose]: () => writer[Symbol.dispose](),
  };
}
