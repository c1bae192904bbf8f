// The service's own group commit, made here so that `tsc` sees when its options change: the peers are plain JavaScript.
import type { Database } from 'better-sqlite3';
import { createMeasuredSize } from '../../src/store/commit-size.ts';
import { createGroupCommit } from '../../src/store/group-commit.ts';
import { createCommitter } from '../../src/store/sqlite/commit/committer.ts';
import type { Commits } from '../../src/store/sqlite/commit/transactions.ts';

export const serviceCommit = (client: Database, end: () => void): Commits =>
  createGroupCommit(
    createCommitter(client, {
      begin: Date.now,
      end,
      watch: { check: () => undefined, assertUsable() {}, succeeded() {}, failed() {} },
      touch() {},
    }),
    {
      commitSize: createMeasuredSize(),
      lockTimeoutMs: 5_000,
      maxWaiting: 20_000,
      onCommit: () => {},
      onWait: () => {},
    },
  );
