import type { Spawned } from './spawn.ts';

/** What the log of a server says of its storage: each problem with its level and reason, and its end. */
export const storageLines = (server: Pick<Spawned, 'stdout'>): readonly unknown[] =>
  server
    .stdout()
    .split('\n')
    .filter((it) => /"msg":"(not ready|ready again)"/.test(it))
    .map((it) => JSON.parse(it))
    .map(({ level, reason, msg }) => (reason === undefined ? [level, msg] : [level, msg, reason]));
