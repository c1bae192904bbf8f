// The service's own group commit, made here so that `tsc` sees when its options change: the peers are plain JavaScript.
import type { Database } from 'better-sqlite3';
import { createGroupCommit, type GroupCommit } from '../../src/store/sqlite/commit/group-commit.ts';

export const serviceCommit = (client: Database, end: () => void): GroupCommit =>
  createGroupCommit(client, {
    lockTimeoutMs: 5_000,
    maxWaiting: 20_000,
    begin: Date.now,
    end,
    onCommit: () => {},
    onWait: () => {},
    watch: { check: () => undefined, assertUsable() {}, succeeded() {}, failed() {} },
    touch() {},
  });
