import type { MessagePort } from 'node:worker_threads';
import { serveCalls } from '../../../threads/calls.ts';
import { encodeError, type SentError } from '../../../threads/errors.ts';
import type { Commit, Opened } from '../../store.ts';
import { openSqlite, type SqliteOptions, type SqliteStore } from '../open.ts';

/** What the writer is started with. */
export interface WriterData
  extends Pick<SqliteOptions, 'lockTimeoutMs' | 'maxWaiting' | 'flatsPerCommit' | 'withoutCopy'> {
  readonly file: string;
  /** By which the main thread calls it. */
  readonly port: MessagePort;
}

/** The state of the storage, as the main thread knows it without asking. */
export interface StorageState {
  readonly lost: string | undefined;
  readonly problem: string | undefined;
}

/** The first message of the writer. */
export type Started =
  | {
      readonly kind: 'opened';
      readonly opened: Opened;
      readonly epoch: string;
      readonly isAlone: boolean;
      readonly storage: StorageState;
      /** The problem of the storage that the start has found. */
      readonly problem: string | undefined;
    }
  | { readonly kind: 'failed'; readonly error: SentError };

/** What the writer reports without being asked. */
export type WriterEvent =
  /** `waits` is how long each write of the commit waited, in seconds. */
  | { readonly kind: 'commit'; readonly commit: Commit; readonly waits: readonly number[] }
  | { readonly kind: 'clockBack'; readonly ms: number }
  | { readonly kind: 'storage'; readonly problem: string | undefined; readonly storage: StorageState };

/** Opens the database, and serves the main thread and every thread whose port comes as a message. */
export function serveWriter(parent: MessagePort, { file, port, ...data }: WriterData, now: () => number): void {
  let problem: string | undefined;
  let waits: number[] = [];
  let send: ((event: WriterEvent) => void) | undefined;
  let store: SqliteStore;
  const storage = (): StorageState => ({ lost: store.lost(), problem: store.problem() });
  try {
    store = openSqlite(file, {
      ...data,
      now,
      onWait: (seconds) => void waits.push(seconds),
      onCommit(commit) {
        send?.({ kind: 'commit', commit, waits });
        waits = [];
      },
      onClockBack: (ms) => send?.({ kind: 'clockBack', ms }),
      onStorage(found) {
        problem = found;
        // At the start it is a part of the first message.
        send?.({ kind: 'storage', problem, storage: storage() });
      },
    });
  } catch (error) {
    parent.postMessage({ kind: 'failed', error: encodeError(error) } satisfies Started);
    return;
  }
  store.sweepLeftovers();
  const { opened, epoch, isAlone } = store;
  const methods = { ...store, close: () => store[Symbol.asyncDispose]() };
  send = serveCalls<WriterEvent>(port, methods);
  parent.on('message', (other: MessagePort) => serveCalls(other, methods));
  parent.postMessage({ kind: 'opened', opened, epoch, isAlone, storage: storage(), problem } satisfies Started);
}
