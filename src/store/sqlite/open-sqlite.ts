import Sqlite from 'better-sqlite3';
import { createBell } from '../bell.ts';
import type { Commit, Store } from '../store.ts';
import { amendments } from './amend.ts';
import { linkChanges } from './change-links.ts';
import { checkUp } from './check-up.ts';
import { checkpoint } from './checkpoint.ts';
import { commitTimes } from './commit-times.ts';
import { committedReads } from './committed-reads.ts';
import { connect } from './connect.ts';
import { drizzle } from './drizzle.ts';
import { exportRows } from './export-rows.ts';
import { flatQueries } from './flats.ts';
import { groupCommit } from './group-commit.ts';
import { intercomQueries } from './intercoms.ts';
import { lineCounts } from './line-counts.ts';
import { logQueries } from './log.ts';
import { ownFile } from './own-file.ts';
import { placeRows } from './place.ts';
import { provisions } from './provisions.ts';
import { tokenQueries } from './tokens.ts';

export interface SqliteOptions {
  /** Milliseconds since 1970; read once per commit. */
  readonly now: () => number;
  /** How long a write waits for the lock of another process, in milliseconds. */
  readonly lockPatience: number;
  /** How many edits may wait for a commit; beyond it callers are told at once that the storage is busy. */
  readonly maxWaiting: number;
  /** Called when something is wrong with the storage as a whole, and with `undefined` when all is well again. */
  readonly onStorage: (problem: string | undefined) => void;
  /** Called for a commit that is earlier than the newest change, with by how much, in milliseconds. */
  readonly onClockBack: (ms: number) => void;
  /** Told of each commit of edits. */
  readonly onCommit: (commit: Commit) => void;
}

/** How often it is checked that the file is still there, in milliseconds. */
const CHECK_EVERY_MS = 1_000;

/** A store in one SQLite file. */
export function openSqlite(file: string, options: SqliteOptions): Store {
  const client = connect(file);
  const db = drizzle(client);
  const flats = flatQueries(client, db);
  const log = logQueries(client, db);
  const place = placeRows(client, db);
  const intercoms = intercomQueries(client);
  const provision = provisions(client, intercoms);
  const changeLinks = linkChanges(client, flats);
  const bell = createBell();
  const counts = lineCounts(client);
  const times = commitTimes(options.onCommit);
  const begin = () => {
    times.begin();
    counts.begin();
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
    bell.ring();
  };
  const own = ownFile(file, client);
  const checking = setInterval(() => checkFile(), CHECK_EVERY_MS).unref();
  let wasLost: string | undefined;
  function checkFile(): string | undefined {
    const lost = own.check();
    if (lost !== wasLost) options.onStorage(lost);
    wasLost = lost;
    return lost;
  }
  const commits = groupCommit(client, { ...options, begin, end, onCommit, check: checkFile, lost: own.problem });
  const amend = amendments(client, flats, log, counts);
  const { reads, close } = committedReads(client, file);

  return {
    ...reads,
    ...tokenQueries(client, commits),
    epoch: log.epoch(),
    bell,
    amend: (origin, updates, { atomic } = { atomic: false }) =>
      commits.write(updates.length, (now) => amend(origin, updates, now, atomic)),
    place: (rows) => commits.write(rows.length, (now) => place(rows, now)),
    exportRows: () => exportRows(file),
    addIntercom: (draft) => commits.write(provision.weightOfNew(draft), (now) => provision.add(draft, now)),
    amendIntercom: async (amendment) =>
      commits.write(provision.weightOf(amendment), (now) => provision.amend(amendment, now)),
    changeLinks: (change) => commits.write(change.names.length, () => changeLinks(change)),
    prune: (upTo, limit) => commits.write(limit, () => log.prune(upTo, limit)),
    waitingEdits: commits.waiting,
    lost: own.problem,
    ailment: checkUp(file, own, client, commits),
    async copyTo(copy) {
      // By a connection of its own: this one may be in the middle of a write. In one step: a backup in several begins
      // anew whenever another process writes.
      const source = new Sqlite(file, { readonly: true });
      try {
        await source.backup(copy, { progress: ({ totalPages }) => totalPages });
      } finally {
        source.close();
      }
    },
    async [Symbol.asyncDispose]() {
      await commits.drained();
      clearInterval(checking);
      // Who closes a database last deletes the log beside it, by its name: that may belong to another file by now.
      if (checkFile()) return;
      close();
      checkpoint(client);
      client.close();
    },
  };
}
