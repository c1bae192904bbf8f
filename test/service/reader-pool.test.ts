import { MessageChannel } from 'node:worker_threads';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { Caller } from '../../src/domain/caller.ts';
import { OverloadedError } from '../../src/graphql/http/readers.ts';
import { DEFAULT_LIMITS } from '../../src/service/limits.ts';
import { createReaderPool, type ReaderPoolOptions } from '../../src/service/readers/reader-pool.ts';
import { StorageError } from '../../src/store/store.ts';
import { until } from '../support/until.ts';

const token = (actor: string): Caller => ({
  by: 'token',
  actor,
  scope: 'read',
  tokenId: actor.length,
  expiresAt: null,
});

function openPool(options: Partial<ReaderPoolOptions> = {}) {
  const faults: string[] = [];
  /** What threads and the test wait for from each other: 1 once it has come. */
  const gates = new Int32Array(new SharedArrayBuffer(16));
  const connection = { file: '', epoch: '', isAlone: false, gates };
  const pool = createReaderPool({
    ...{ threads: 2, atOnce: 1, maxWaiting: 100, deadline: 30_000 },
    connect: () => ({ ...connection, port: new MessageChannel().port1 }),
    rules: { limits: DEFAULT_LIMITS, introspection: true },
    about: { name: undefined, version: '0.0.0' },
    report: (fault) => void faults.push((fault as Error).message),
    logInfo: () => {},
    stop: new AbortController().signal,
    program: new URL('./odd-reader.ts', import.meta.url),
    ...options,
  });
  const done: string[] = [];
  const ask = async (url: string, actor = 'a', left = new AbortController().signal) => {
    const request = {
      method: 'GET',
      url,
      headers: {},
      body: new Uint8Array(),
      caller: token(actor),
      locale: 'en',
    } as const;
    const answer = await pool.answer(request, left, () => true);
    done.push(`${actor}${url}`);
    return answer === 'stream' ? answer : new TextDecoder().decode(answer.body);
  };
  return {
    ...{ pool, faults, done, ask },
    open: (gate: number) => void Atomics.store(gates, gate, 1),
    isOpen: (gate: number) => Atomics.load(gates, gate) === 1,
    [Symbol.asyncDispose]: () => pool[Symbol.asyncDispose](),
  };
}

describe('reader threads', () => {
  it('let callers take turns, and leave a thread to others whatever one caller asks for', async () => {
    await using it = openPool();
    await Promise.all([it.ask('/warm', 'a'), it.ask('/warm', 'b')]);
    it.done.length = 0;
    const greedy = Array.from({ length: 30 }, (_, i) => it.ask(`/hold/0/${i}`, 'greedy'));
    // The other thread is free all the time.
    await it.ask('/modest', 'modest');
    const third = it.ask('/third', 'third');
    await Promise.all([third, it.ask('/modest', 'modest')]);
    expect(it.done).toEqual(['modest/modest', 'third/third', 'modest/modest']);
    it.open(0);
    await Promise.all(greedy);
    expect(it.done.slice(3)).toEqual(Array.from({ length: 30 }, (_, i) => `greedy/hold/0/${i}`));
  });

  it('take turns in one thread, too', async () => {
    await using it = openPool({ threads: 1 });
    const greedy = Array.from({ length: 20 }, (_, i) => it.ask(`/greedy/${i}`, 'greedy'));
    await it.ask('/modest', 'modest');
    expect(it.done).toEqual(['greedy/greedy/0', 'greedy/greedy/1', 'modest/modest']);
    await Promise.all(greedy);
  });

  it('work on several requests of one caller in one thread, where their reads wait elsewhere', async () => {
    await using it = openPool({ atOnce: 2 });
    await Promise.all([it.ask('/warm', 'a'), it.ask('/warm', 'b'), it.ask('/warm', 'c')]);
    it.done.length = 0;
    const greedy = ['/hold/0', '/hold/1/1', '/hold/1/2'].map((url) => it.ask(url, 'greedy'));
    const modest = ['/modest/1', '/modest/2'].map((url, i) => it.ask(url, `modest ${i}`));
    await Promise.all(modest);
    expect(it.done.length).toBe(2);
    it.open(1);
    await Promise.all(greedy.slice(1));
    it.open(0);
    await greedy[0];
    expect(it.done.slice(2)).toEqual(['greedy/hold/1/1', 'greedy/hold/1/2', 'greedy/hold/0']);
  });

  it('refuse a caller of whom too much waits, and nobody else; one that leaves makes room', async () => {
    await using it = openPool({ maxWaiting: 2 });
    const left = new AbortController();
    const first = it.ask('/hold/0', 'greedy');
    const waiting = [it.ask('/1', 'greedy'), it.ask('/2', 'greedy', left.signal)];
    await expect(it.ask('/x', 'greedy')).rejects.toThrow(OverloadedError);
    expect(await it.ask('/x', 'modest')).toBe('/x');
    left.abort();
    await expect(waiting[1]).rejects.toThrow('the caller has left');
    const taken = it.ask('/y', 'greedy');
    it.open(0);
    await Promise.all([first, waiting[0], taken]);
    expect(it.faults).toEqual([]);
  });

  it('are free for others while a request waits for the writer', async () => {
    await using it = openPool({ threads: 1 });
    const write = it.ask('/write/0', 'a');
    await it.ask('/read', 'a');
    it.open(0);
    await write;
    expect(it.done).toEqual(['a/read', 'a/write/0']);
  });

  it('are replaced when they die; what was read fails, and what was written may be stored', async () => {
    await using it = openPool({ threads: 1 });
    const writing = it.ask('/write/0', 'a');
    await it.ask('/read', 'a');
    const [died, wrote] = await Promise.allSettled([it.ask('/die/', 'a'), writing]);
    expect(died).toMatchObject({ reason: { message: "a reader's thread ended with code 3" } });
    expect((wrote as PromiseRejectedResult).reason).toBeInstanceOf(StorageError);
    expect(wrote).toMatchObject({ reason: { problem: 'outcomeUnknown' } });
    expect(await it.ask('/again', 'a')).toBe('/again');
    expect(it.faults).toEqual(["a reader's thread ended with code 3"]);
  });

  it('are replaced when they hang, and their callers are answered', async () => {
    // The clock of the pool stands still while threads start.
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] });
    onTestFinished(() => void vi.useRealTimers());
    await using it = openPool({ threads: 1, deadline: 1_500 });
    const hung = it.ask('/hang/0', 'a');
    const next = it.ask('/next', 'b');
    await until(() => it.isOpen(0));
    vi.advanceTimersByTime(2_000);
    await expect(hung).rejects.toThrow(OverloadedError);
    expect(await next).toBe('/next');
    await until(() => it.faults.length > 0);
    expect(it.faults).toEqual(['a read took longer than 1.5 s; its thread was ended']);
  });
});
