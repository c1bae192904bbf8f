import { MessageChannel } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
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
  const pool = createReaderPool({
    ...{ threads: 2, atOnce: 1, maxWaiting: 100, deadline: 30_000 },
    connect: () => ({ file: '', epoch: '', isAlone: false, port: new MessageChannel().port1 }),
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
  return { pool, faults, done, ask, [Symbol.asyncDispose]: () => pool[Symbol.asyncDispose]() };
}

describe('reader threads', () => {
  it('let callers take turns, and leave a thread to others whatever one caller asks for', async () => {
    await using it = openPool();
    await Promise.all([it.ask('/warm', 'a'), it.ask('/warm', 'b')]);
    it.done.length = 0;
    const greedy = Array.from({ length: 30 }, (_, i) => it.ask(`/wait/20/${i}`, 'greedy'));
    await it.ask('/modest', 'modest');
    // The other thread was free all the time.
    expect(it.done.length).toBeLessThan(4);
    const third = it.ask('/third', 'third');
    await Promise.all([third, it.ask('/modest', 'modest')]);
    expect(it.done.length).toBeLessThan(8);
    await Promise.all(greedy);
    expect(it.done.filter((name) => name.startsWith('greedy'))).toEqual(
      Array.from({ length: 30 }, (_, i) => `greedy/wait/20/${i}`),
    );
  });

  it('take turns in one thread, too', async () => {
    await using it = openPool({ threads: 1 });
    const greedy = Array.from({ length: 20 }, (_, i) => it.ask(`/wait/5/${i}`, 'greedy'));
    await it.ask('/modest', 'modest');
    expect(it.done).toEqual(['greedy/wait/5/0', 'greedy/wait/5/1', 'modest/modest']);
    await Promise.all(greedy);
  });

  it('work on several requests of one caller in one thread, where their reads wait elsewhere', async () => {
    await using it = openPool({ atOnce: 2 });
    await Promise.all([it.ask('/warm', 'a'), it.ask('/warm', 'b'), it.ask('/warm', 'c')]);
    it.done.length = 0;
    const greedy = ['/wait/300', '/wait/20/1', '/wait/20/2'].map((url) => it.ask(url, 'greedy'));
    const modest = ['/modest/1', '/modest/2'].map((url, i) => it.ask(url, `modest ${i}`));
    await Promise.all([...greedy, ...modest]);
    expect(it.done.slice(-3)).toEqual(['greedy/wait/20/1', 'greedy/wait/20/2', 'greedy/wait/300']);
  });

  it('refuse a caller of whom too much waits, and nobody else; one that leaves makes room', async () => {
    await using it = openPool({ maxWaiting: 2 });
    const left = new AbortController();
    const first = it.ask('/wait/300', 'greedy');
    const waiting = [it.ask('/wait/1', 'greedy'), it.ask('/wait/2', 'greedy', left.signal)];
    await expect(it.ask('/x', 'greedy')).rejects.toThrow(OverloadedError);
    expect(await it.ask('/x', 'modest')).toBe('/x');
    left.abort();
    await expect(waiting[1]).rejects.toThrow('the caller has left');
    await Promise.all([first, waiting[0], it.ask('/y', 'greedy')]);
    expect(it.faults).toEqual([]);
  });

  it('are free for others while a request waits for the writer', async () => {
    await using it = openPool({ threads: 1 });
    const write = it.ask('/write/300', 'a');
    const read = it.ask('/read', 'a');
    await Promise.all([write, read]);
    expect(it.done).toEqual(['a/read', 'a/write/300']);
  });

  it('are replaced when they die; what was read fails, and what was written may be stored', async () => {
    await using it = openPool({ threads: 1 });
    const writing = it.ask('/write/', 'a');
    await it.ask('/read', 'a');
    const [died, wrote] = await Promise.allSettled([it.ask('/die/', 'a'), writing]);
    expect(died).toMatchObject({ reason: { message: "a reader's thread ended with code 3" } });
    expect((wrote as PromiseRejectedResult).reason).toBeInstanceOf(StorageError);
    expect(wrote).toMatchObject({ reason: { problem: 'outcomeUnknown' } });
    expect(await it.ask('/again', 'a')).toBe('/again');
    expect(it.faults).toEqual(["a reader's thread ended with code 3"]);
  });

  it('are replaced when they hang, and their callers are answered', async () => {
    await using it = openPool({ threads: 1, deadline: 1_500 });
    const hung = it.ask('/hang', 'a');
    const next = it.ask('/next', 'b');
    await expect(hung).rejects.toThrow(OverloadedError);
    expect(await next).toBe('/next');
    await until(() => it.faults.length > 0);
    expect(it.faults).toEqual(['a read took longer than 1.5 s; its thread was ended']);
  });
});
