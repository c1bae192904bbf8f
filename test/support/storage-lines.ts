import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { expect } from 'vitest';
import type { Spawned } from './spawn.ts';

/** What the log of a server says of its storage: each problem with its level and reason, and its end. */
export const storageLines = (server: Pick<Spawned, 'stdout'>): readonly unknown[] =>
  server
    .stdout()
    .split('\n')
    // A piece of the output may end in the middle of a line.
    .slice(0, -1)
    .filter((it) => /"msg":"(not ready|ready again)"/.test(it))
    .map((it) => JSON.parse(it))
    .map(({ level, reason, msg }) => (reason === undefined ? [level, msg] : [level, msg, reason]));

/** A line may come after the answer that it belongs to. */
export async function expectStorageLines(server: Pick<Spawned, 'stdout'>, lines: readonly unknown[]): Promise<void> {
  const deadline = Date.now() + 20_000;
  while (!isDeepStrictEqual(storageLines(server), lines) && Date.now() < deadline) await sleep(5);
  expect(storageLines(server)).toEqual(lines);
}
