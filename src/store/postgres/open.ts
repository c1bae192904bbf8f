import { randomBytes } from 'node:crypto';
import { MessageChannel } from 'node:worker_threads';
import { serveCalls } from '../../threads/calls.ts';
import { createAmend } from '../amend.ts';
import { createFixedSize } from '../commit-size.ts';
import { createGroupCommit } from '../group-commit.ts';
import { forgetting } from '../live-tokens.ts';
import { type Commit, type Opened, type Store, UnusableDatabaseError } from '../store.ts';
import { createCommitter, type Work } from './commit/committer.ts';
import { createHeldWorks, type HeldWorks } from './commit/held-works.ts';
import { createTransactions } from './commit/transactions.ts';
import { createWriter, type Writer } from './commit/writer.ts';
import { HEAD } from './read/change-list.ts';
import { exportRows } from './read/export-rows.ts';
import { createPulse } from './read/pulse.ts';
import { createReader } from './read/query.ts';
import { createReads } from './read/reads.ts';
import { createTokenReads } from './read/tokens.ts';
import { type Address, addressText } from './server/address.ts';
import { reasonOf } from './server/errors.ts';
import { createHealthCheck } from './server/health.ts';
import { readEpoch } from './server/identity.ts';
import { MIGRATION_MS, migrate } from './server/migrate.ts';
import { ALIGN, createPrimary, type Primary } from './server/primary.ts';
import { connectForExport, createReadPool, GRACE_MS } from './server/read-pool.ts';
import { createServerUse } from './server/server-use.ts';
import { sessionSettings } from './server/settings.ts';
import { readStorageUse } from './server/storage-use.ts';
import { createStorageWatch } from './server/storage-watch.ts';
import type { ServerConnection } from './threads/connected-store.ts';
import { changeLinks } from './write/change-links.ts';
import { prune } from './write/change-log.ts';
import { importRows } from './write/import-rows.ts';
import { addIntercom, amendIntercom } from './write/provision-intercom.ts';
import { createTokenWrites } from './write/tokens.ts';

export interface PostgresOptions {
  readonly address: Address;
  /** The name of the instance, in the server's views. */
  readonly instance: string;
  /** The connections for reads. */
  readonly connections: number;
  /** How long a write may wait for a lock, for its standby, or for a new primary. */
  readonly patienceMs: number;
  /** How long a primary is looked for at the start, where that is not as long: then nobody has begun anything. */
  readonly startPatienceMs?: number;
  /** How long a read may take. */
  readonly readTimeoutMs: number;
  /** Milliseconds since 1970, in tests; without it the clock of the server is used. */
  readonly now: (() => number) | undefined;
  readonly maxWaiting: number;
  readonly onStorage: (problem: string | undefined) => void;
  readonly onClockBack: (ms: number) => void;
  readonly onWait: (seconds: number) => void;
  readonly onCommit: (commit: Commit) => void;
}

/** In one transaction. Bulk calls alone take 0.75 of the time that they take by 100; a single update would wait 10 ms longer for one of them. */
const EDITS = { shared: 100, alone: 500 };

/**
 * A store in one PostgreSQL database, which other instances may use as well. It needs no thread of its own: the server does the
 * work. Threads that answer long documents read by connections of their own, and write by this one, which gathers all writes.
 */
export async function openPostgres(options: PostgresOptions): Promise<Store & { connect(): ServerConnection }> {
  const { address, patienceMs, readTimeoutMs, now, instance } = options;
  const { opened, epoch, head } = await prepare(options);
  const primary = createPrimary(address, { answerTimeoutMs: patienceMs + GRACE_MS });
  const settings = sessionSettings(options);
  const pool = createReadPool(options);
  const process = randomBytes(6).toString('hex');
  const writer = (name: string): Writer =>
    createWriter({
      id: `${process} ${name}`,
      patienceMs,
      connect: (deadline) => primary.connect(instance, settings.write, deadline),
    });
  const shortMs = patienceMs + GRACE_MS;
  const reader = createReader(pool, shortMs);
  const reads = createReads(reader);
  const tokens = createTokenReads(reader);
  const pulse = createPulse(reads.changesHead, head);
  const watch = createStorageWatch(options.onStorage);
  const { onCommit, onClockBack, onWait, maxWaiting } = options;
  const commitsOf = (writer: Writer, isLarge: boolean, held?: HeldWorks) => {
    const committer = createCommitter({
      ...{ writer, now, isLarge, held, onCommit, onClockBack },
      onProblem: watch.wrote,
    });
    return createGroupCommit<Work>(committer, {
      ...{ lockTimeoutMs: patienceMs, maxWaiting, onWait, commitSize: createFixedSize(EDITS) },
      // Its callers are answered by then, unless the pulse has seen the commit before this process.
      onCommit: (edits) => edits > 0 && pulse.committed(committer.head()),
    });
  };
  const [edits, largeCalls, waitingCalls] = [writer('edits'), writer('large calls'), writer('waiting calls')];
  // Calls that wait for flats keep only each other waiting.
  const waiting = commitsOf(waitingCalls, false);
  const held = createHeldWorks((call) => waiting.write(call.origin.actor, call.updates.length, call));
  const commits = commitsOf(edits, false, held);
  // Others wait for a large call only while it writes its part of the log.
  const large = commitsOf(largeCalls, true);
  const transactions = (name: string) =>
    createTransactions({
      writer: writer(name),
      now,
      patienceMs,
      maxWaiting,
      onProblem: watch.wrote,
      onLogged: pulse.committed,
    });
  // Those of one kind come in the order of their calls. Some of the first kind take long, and the others do not wait for them.
  const provisioning = transactions('provisioning');
  const small = transactions('small');

  const store: Store = {
    ...reads,
    ...tokens,
    ...forgetting(createTokenWrites(small), tokens.forget),
    epoch,
    bell: pulse,
    amend: createAmend<Work>(commits, (origin, updates, atomic, call) => ({ origin, updates, atomic, call }), large),
    importRows: (origin, rows, changeSet) =>
      provisioning.run((transaction) => importRows(transaction, origin, rows, changeSet)),
    exportRows: () => exportRows(() => connectForExport(options)),
    addIntercom: (origin, draft) => provisioning.run((transaction) => addIntercom(transaction, origin, draft)),
    amendIntercom: (origin, amendment) =>
      provisioning.run((transaction) => amendIntercom(transaction, origin, amendment)),
    changeLinks: (origin, change) => small.run((transaction) => changeLinks(transaction, origin, change)),
    prune: (upTo, limit) => provisioning.run((transaction) => prune(transaction, upTo, limit)),
    waitingEdits: async () =>
      commits.waiting() + waiting.waiting() + large.waiting() + provisioning.waiting() + small.waiting(),
    storageUse: () => readStorageUse(reader),
    serverUse: createServerUse(pool, shortMs),
    opened,
    // Its files are the server's.
    lost: () => undefined,
    checkFiles: async () => undefined,
    problem: watch.problem,
    findStorageProblem: createHealthCheck(pool, shortMs, commits, watch),
    async [Symbol.asyncDispose]() {
      await Promise.all([commits.drained(), large.drained(), provisioning.drained(), small.drained()]);
      // The edits may have left some here.
      await waiting.drained();
      pulse[Symbol.dispose]();
      edits[Symbol.dispose]();
      waitingCalls[Symbol.dispose]();
      largeCalls[Symbol.dispose]();
      provisioning[Symbol.dispose]();
      small[Symbol.dispose]();
      pool[Symbol.dispose]();
    },
  };
  return {
    ...store,
    connect() {
      const { port1, port2: port } = new MessageChannel();
      serveCalls(port1, store);
      return { address, instance, patienceMs, readTimeoutMs, epoch, port };
    },
  };
}

/** Migrates the database, and reads what stays the same while the store is open. */
async function prepare(options: PostgresOptions) {
  const { address } = options;
  const unusable = (error: unknown) =>
    error instanceof UnusableDatabaseError && error.message.endsWith('.')
      ? error
      : new UnusableDatabaseError(`Cannot use the database ${addressText(address)}: ${reasonOf(error)}.`, {
          cause: error,
        });
  const primary: Primary = createPrimary(address, { answerTimeoutMs: MIGRATION_MS });
  try {
    const deadline = performance.now() + (options.startPatienceMs ?? options.patienceMs);
    const connection = await primary.connect(options.instance, sessionSettings(options).write, deadline);
    try {
      const migrated = await migrate(connection);
      await connection.query({ text: ALIGN, values: [connection.timeline] });
      const opened: Opened = { isNew: migrated.from === 0, migrated, copy: undefined };
      const [row] = (await connection.query({ text: HEAD })).rows;
      return { opened, epoch: await readEpoch(connection), head: row?.[0] as number };
    } finally {
      connection.close();
    }
  } catch (error) {
    throw unusable(error);
  }
}
