import { once } from 'node:events';
import { MessageChannel, type MessagePort, Worker } from 'node:worker_threads';
import { createCalls } from '../../../threads/calls.ts';
import { decodeError } from '../../../threads/errors.ts';
import { createBell } from '../../bell.ts';
import type { Store } from '../../store.ts';
import { readStorageUse } from '../file/disk-room.ts';
import type { SqliteOptions } from '../open.ts';
import { exportRows } from '../read/export-rows.ts';
import { connectStore, type OpenedFile } from './connected-store.ts';
import type { Started, StorageState, WriterData, WriterEvent } from './writer.ts';

export interface ThreadOptions extends Omit<SqliteOptions, 'now'> {
  /** Called when the writer's thread ends by itself: what was not answered is not promised. */
  readonly onWriterEnd: (error: Error) => void;
  /** The program of the writer's thread, and what it is given beside the options. */
  readonly writer: URL;
  readonly writerData?: object;
}

/** What another thread needs to use the store; the port is transferred to it. */
export interface FileConnection extends OpenedFile {
  readonly port: MessagePort;
}

export type ThreadedStore = Store & { connect(): FileConnection };

export const WRITER_THREAD = new URL('./writer-thread.ts', import.meta.url);

/** The same store, with a writer in a thread of its own: writes and the disk do not block this one. */
export async function openThreads(file: string, options: ThreadOptions): Promise<ThreadedStore> {
  const { port1, port2 } = new MessageChannel();
  const { lockTimeoutMs, maxWaiting, flatsPerCommit, withoutCopy } = options;
  const data: WriterData = { file, port: port2, lockTimeoutMs, maxWaiting, flatsPerCommit, withoutCopy };
  const worker = new Worker(options.writer, { workerData: { ...options.writerData, ...data }, transferList: [port2] });
  const [started] = (await once(worker, 'message')) as [Started];
  if (started.kind === 'failed') throw decodeError(started.error);

  const { opened, epoch, isAlone } = started;
  let storage: StorageState = started.storage;
  const bell = createBell();
  const calls = createCalls(port1, (event: WriterEvent) => {
    if (event.kind === 'commit') {
      for (const seconds of event.waits) options.onWait(seconds);
      options.onCommit(event.commit);
      bell.ring();
    } else if (event.kind === 'clockBack') options.onClockBack(event.ms);
    else {
      storage = event.storage;
      options.onStorage(event.problem);
    }
  });
  let isClosing = false;
  const end = (error: Error) => {
    calls.end(error);
    if (!isClosing) options.onWriterEnd(error);
    isClosing = true;
  };
  worker.on('error', end);
  worker.on('exit', (code) => end(new Error(`the writer's thread ended with code ${code}`)));
  if (started.problem !== undefined) options.onStorage(started.problem);
  const store = connectStore({ file, epoch, isAlone }, calls);
  const checkFiles = () => calls.call('checkFiles', []) as Promise<string | undefined>;

  return {
    ...store,
    bell,
    opened,
    exportRows: () => exportRows(file),
    lost: () => storage.lost,
    problem: () => storage.problem,
    checkFiles,
    waitingEdits: () => calls.call('waitingEdits', []),
    storageUse: () => readStorageUse(file),
    findStorageProblem: (minFreeBytes) => calls.call('findStorageProblem', [minFreeBytes]),
    connect() {
      const { port1: port, port2: other } = new MessageChannel();
      worker.postMessage(other, [other]);
      return { file, epoch, isAlone, port };
    },
    async [Symbol.asyncDispose]() {
      isClosing = true;
      // The last connection to close deletes the log by its name, which may belong to another file by now.
      if ((await checkFiles()) !== undefined) {
        port1.unref();
        return worker.unref();
      }
      store[Symbol.dispose]();
      await calls.call('close', []);
      await worker.terminate();
    },
  };
}
