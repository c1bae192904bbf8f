import { MessageChannel, Worker } from 'node:worker_threads';
import type { DocumentRulesOptions } from '../../graphql/engine/document-rules.ts';
import { OverloadedError, type ReaderAnswer, type ReaderRequest, type Readers } from '../../graphql/http/readers.ts';
import type { About } from '../../graphql/schema/shared/builder.ts';
import type { Connection } from '../../store/open.ts';
import { StorageError } from '../../store/store.ts';
import { type Calls, createCalls, serveCalls } from '../../threads/calls.ts';
import { decodeError, type SentError } from '../../threads/errors.ts';
import { createFairQueue } from './fair-queue.ts';
import type { ReaderData, ReaderEvent } from './reader.ts';

export interface ReaderPoolOptions {
  readonly threads: number;
  /** How many requests a thread has at once: more than one where their reads wait for a server. */
  readonly atOnce: number;
  /** How many requests of one caller may wait; further ones are refused. */
  readonly maxWaiting: number;
  /** How long a reader may be deaf: then it is ended, and its caller answered. In milliseconds. */
  readonly deadline: number;
  readonly connect: () => Connection;
  readonly rules: DocumentRulesOptions;
  readonly about: About;
  readonly report: (fault: unknown) => void;
  readonly logInfo: (about: object, message: string) => void;
  /** Aborts when the service stops. */
  readonly stop: AbortSignal;
  /** The program of a reader's thread. */
  readonly program?: URL;
}

interface Task {
  readonly id: number;
  readonly caller: string;
  readonly request: ReaderRequest;
  readonly reserve: (bytes: number) => boolean;
  readonly settle: { resolve(answer: ReaderAnswer): void; reject(reason: unknown): void };
  /** Whether it waits for the writer, or did: its outcome is unknown when its reader ends. */
  writes: boolean;
}

interface Reader extends Disposable {
  readonly calls: Calls;
  readonly tasks: Map<number, Task>;
  /** The tasks that it works on; those that wait for the writer leave it free. */
  readonly running: Set<Task>;
  /** When it was last heard of. */
  heardAt: number;
}

/** How often readers that work are asked whether they still hear. */
const PING_MS = 1_000;
/**
 * Memory of each thread. Objects of a page live until it is sent: with half of the new memory a quarter of a reader's time went into
 * collections, and there were a tenth fewer pages a second; with a quarter, the thread of sockets waited up to 6 ms for them instead of 4.
 */
const MEMORY = { maxYoungGenerationSizeMb: 64, maxOldGenerationSizeMb: 512 };
const PROGRAM = new URL('./reader-thread.ts', import.meta.url);

/**
 * Threads that answer requests, `atOnce` at a time each. Callers take turns, and none of them has all threads. A thread is started
 * when it is first needed, and again after its end.
 */
export function createReaderPool(options: ReaderPoolOptions): Readers & AsyncDisposable {
  const { threads, atOnce, maxWaiting, deadline, report } = options;
  const waiting = createFairQueue<Task>(Math.max(1, threads - 1) * atOnce);
  const readers = new Set<Reader>();
  const ends: Promise<unknown>[] = [];
  let lastId = 0;
  let isOver = false;

  function start(): Reader {
    const { port1, port2 } = new MessageChannel();
    const store = options.connect();
    const data: ReaderData = { port: port2, store, rules: options.rules, about: options.about };
    const worker = new Worker(options.program ?? PROGRAM, {
      workerData: data,
      transferList: [port2, store.port],
      resourceLimits: MEMORY,
    });
    const reader: Reader = {
      calls: createCalls(port1, ({ released }: ReaderEvent) => {
        const task = reader.tasks.get(released);
        if (task) task.writes = true;
        if (task) free(reader, task);
      }),
      tasks: new Map(),
      running: new Set(),
      heardAt: performance.now(),
      [Symbol.dispose]: () => void ends.push(worker.terminate()),
    };
    serveCalls(port1, {
      reserve: async (id: number, bytes: number) => reader.tasks.get(id)?.reserve(bytes) ?? false,
      report: async (fault: SentError) => report(decodeError(fault)),
      logInfo: async (about: object, message: string) => options.logInfo(about, message),
    });
    worker.on('error', (error) => end(reader, error));
    worker.on('exit', (code) => end(reader, new Error(`a reader's thread ended with code ${code}`)));
    readers.add(reader);
    return reader;
  }

  /** Its tasks are answered, and the next one starts another thread. */
  function end(reader: Reader, reason: Error): void {
    if (!readers.delete(reader)) return;
    for (const task of reader.running) waiting.end(task.caller);
    reader.running.clear();
    for (const task of reader.tasks.values()) {
      const unknown = new StorageError('outcomeUnknown', 'the thread of the call ended', { cause: reason });
      task.settle.reject(task.writes ? unknown : reason);
    }
    reader.tasks.clear();
    reader.calls.end(reason);
    if (!isOver && !(reason instanceof OverloadedError)) report(reason);
    reader[Symbol.dispose]();
    startNext();
  }

  function free(reader: Reader, task: Task): void {
    if (!reader.running.delete(task)) return;
    waiting.end(task.caller);
    startNext();
  }

  function startNext(): void {
    while (!isOver) {
      if (readers.size >= threads && [...readers].every(isFull)) return;
      const task = waiting.next();
      if (!task) return;
      run(readerFor(task), task);
    }
  }

  const isFull = ({ running }: Reader): boolean => running.size >= atOnce;

  /** The requests of one caller share a thread, so that others find one that is free. */
  function readerFor({ caller }: Task): Reader {
    const free = [...readers].filter((it) => !isFull(it));
    const own = free.find(({ running }) => [...running].some((it) => it.caller === caller));
    const idle = free.find(({ running }) => running.size === 0);
    if (own ?? idle) return (own ?? idle) as Reader;
    return readers.size < threads ? start() : (free[0] as Reader);
  }

  function run(reader: Reader, task: Task): void {
    reader.running.add(task);
    reader.heardAt = performance.now();
    reader.tasks.set(task.id, task);
    const settled = () => {
      reader.tasks.delete(task.id);
      free(reader, task);
    };
    reader.calls.call('answer', [task.id, task.request]).then(
      (answer) => {
        task.settle.resolve(answer);
        settled();
      },
      (error) => {
        task.settle.reject(error);
        settled();
      },
    );
  }

  const timer = setInterval(() => {
    for (const reader of readers) {
      if (reader.tasks.size === 0) continue;
      if (performance.now() - reader.heardAt > deadline) {
        report(new Error(`a read took longer than ${deadline / 1_000} s; its thread was ended`));
        end(reader, new OverloadedError('a read took too long'));
        continue;
      }
      reader.calls.call('ping', []).then(
        () => {
          reader.heardAt = performance.now();
        },
        () => {},
      );
    }
  }, PING_MS).unref();
  options.stop.addEventListener('abort', () => {
    for (const { calls } of readers) calls.call('stop', []).catch(() => {});
  });

  return {
    answer(request, left, reserve) {
      return new Promise((resolve, reject) => {
        const { by, actor } = request.caller;
        const caller = `${by} ${actor}`;
        if (waiting.size(caller) >= maxWaiting) return reject(new OverloadedError('too many requests wait'));
        const task: Task = {
          id: ++lastId,
          caller,
          request,
          reserve,
          settle: { resolve, reject },
          writes: false,
        };
        left.addEventListener('abort', () => {
          if (waiting.remove(caller, task)) return reject(new OverloadedError('the caller has left'));
          for (const { tasks, calls } of readers)
            if (tasks.has(task.id)) calls.call('leave', [task.id]).catch(() => {});
        });
        waiting.add(caller, task);
        startNext();
      });
    },
    async [Symbol.asyncDispose]() {
      isOver = true;
      clearInterval(timer);
      for (const reader of readers) end(reader, new Error('the service stops'));
      await Promise.all(ends);
    },
  };
}
