import { createAmend } from '../amend.ts';
import { createBell } from '../bell.ts';
import { callSet } from '../change-set.ts';
import { createMeasuredSize } from '../commit-size.ts';
import { createGroupCommit } from '../group-commit.ts';
import { forgetting } from '../live-tokens.ts';
import type { Commit, Outcome, Store } from '../store.ts';
import { createCommitTimer } from './commit/commit-timer.ts';
import { createCommitter } from './commit/committer.ts';
import { createLineCounts } from './commit/line-counts.ts';
import type { Commits, Work } from './commit/transactions.ts';
import { drizzle } from './drizzle.ts';
import { checkpoint, open } from './file/connect.ts';
import { readStorageUse } from './file/disk-room.ts';
import { sharing } from './file/full-disk.ts';
import { createHealthCheck, createTouch } from './file/health.ts';
import { createOwnFile } from './file/own-file.ts';
import { createStorageWatch } from './file/storage-watch.ts';
import { exportRows } from './read/export-rows.ts';
import { createReader } from './read/query.ts';
import { createReads } from './read/reads.ts';
import { createTokenReads } from './read/tokens.ts';
import { createAmendment } from './write/amend.ts';
import { createLinkChanges } from './write/change-links.ts';
import { createChangeLog } from './write/change-log.ts';
import { createChangeSets } from './write/change-sets.ts';
import { createFlatQueries } from './write/flats.ts';
import { createHiddenFlats } from './write/hidden-flats.ts';
import { createRowImport } from './write/import-rows.ts';
import { createIntercomQueries } from './write/intercoms.ts';
import { createProvisioner } from './write/provision-in-pieces.ts';
import { createProvisioning } from './write/provision-intercom.ts';
import { createTokenWrites } from './write/tokens.ts';

export interface SqliteOptions {
  /** Milliseconds since 1970; read once per commit. */
  readonly now: () => number;
  /** How long a write waits for the lock of another process. */
  readonly lockTimeoutMs: number;
  /** How many edits of one caller may wait for a commit; beyond it further ones are refused at once as busy. */
  readonly maxWaiting: number;
  /** The most flats that one commit of a provisioning makes or deletes: a single update may have to wait for all of them. */
  readonly flatsPerCommit: number;
  /** Called with each new problem of the storage as a whole, and with `undefined` once it has passed. */
  readonly onStorage: (problem: string | undefined) => void;
  /** Whether the database may be migrated without a copy of it as it was. */
  readonly withoutCopy: boolean;
  /** Called for a commit whose clock is behind the newest change, with the difference in milliseconds. */
  readonly onClockBack: (ms: number) => void;
  /** Called for each write of edits that is on disk, with the seconds that it waited for its transaction to begin. */
  readonly onWait: (seconds: number) => void;
  /** Called after each commit of edits. */
  readonly onCommit: (commit: Commit) => void;
}

export interface SqliteStore extends Store {
  /** Whether no other connection can use its file, since the disk is full. */
  readonly isAlone: boolean;
  /** Deletes what a service that ended has left half made or half deleted; nobody sees it. */
  sweepLeftovers(): void;
}

/** A store in one SQLite file. */
export function openSqlite(file: string, options: SqliteOptions): SqliteStore {
  const { client, opened, isAlone } = open(file, options);
  const db = drizzle(client);
  const flats = createFlatQueries(client, db);
  const sets = createChangeSets(client, db);
  const log = createChangeLog(client, db, sets);
  const intercoms = createIntercomQueries(client, db);
  const changeLinks = createLinkChanges(client, db, flats, log);
  const bell = createBell();
  const counts = createLineCounts(client, db);
  const hidden = createHiddenFlats(client, counts);
  const importRows = createRowImport(client, db, hidden, log);
  const times = createCommitTimer(options.onCommit);
  const begin = () => {
    times.begin();
    counts.begin();
    sets.begin();
    const now = options.now();
    const back = log.begin(now);
    if (back > 0) options.onClockBack(back);
    return now;
  };
  const end = () => {
    counts.end();
    log.end();
    times.end();
  };
  const onCommit = (edits: number) => {
    times.committed(edits);
    sets.committed();
    bell.ring();
  };
  const own = createOwnFile(file, client);
  const watch = createStorageWatch(file, own, sharing(file, client, isAlone, own), options.onStorage);
  const touch = createTouch(client, db);
  const committer = createCommitter(client, { begin, end, watch, touch });
  const commits: Commits = createGroupCommit(committer, {
    ...options,
    commitSize: createMeasuredSize(),
    onCommit,
  });
  const amend = createAmend<Work<readonly Outcome[]>>(commits, createAmendment(client, flats, log, sets, counts));
  const provisioner = createProvisioner(
    createProvisioning(client, db, intercoms, hidden, log, options.flatsPerCommit),
    hidden,
    commits,
    options.flatsPerCommit,
  );
  const tokens = createTokenReads(client, db);

  return {
    ...createReads(createReader(client)),
    ...tokens,
    ...forgetting(createTokenWrites(client, db, commits), tokens.forget),
    epoch: log.epoch(),
    bell,
    amend,
    importRows: (origin, rows, changeSet) =>
      commits.write('import', rows.length, (now) => importRows(origin, rows, callSet(changeSet), now)),
    exportRows: () => exportRows(file),
    addIntercom: provisioner.addIntercom,
    amendIntercom: provisioner.amendIntercom,
    sweepLeftovers: provisioner.sweepLeftovers,
    changeLinks: (origin, change) =>
      commits.write('links', change.names.length, (now) => changeLinks(origin, change, now)),
    prune: (upTo, limit) => commits.write('prune', limit, () => log.prune(upTo, limit)),
    waitingEdits: async () => commits.waiting(),
    storageUse: () => readStorageUse(file),
    opened,
    isAlone,
    lost: watch.lost,
    checkFiles: async () => watch.check(),
    problem: watch.problem,
    findStorageProblem: createHealthCheck(file, client, commits, watch, touch),
    async [Symbol.asyncDispose]() {
      await provisioner.close();
      await commits.drained();
      watch[Symbol.dispose]();
      // The last connection to close deletes the log by its name, which may belong to another file by now.
      if (watch.check() !== undefined) return;
      checkpoint(client);
      client.close();
    },
  };
}
