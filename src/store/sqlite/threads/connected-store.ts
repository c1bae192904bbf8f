import Sqlite from 'better-sqlite3';
import type { Calls } from '../../../threads/calls.ts';
import { StorageError, type ThreadStore, type TokenReads, type Writes } from '../../store.ts';
import { drizzle } from '../drizzle.ts';
import { createReader } from '../read/query.ts';
import { createReads, type SqliteReads } from '../read/reads.ts';
import { createTokenReads, forgetting } from '../read/tokens.ts';

/** How often a database that only the writer may read is tried again. */
const RETRY_MS = 1_000;

type AllReads = SqliteReads & TokenReads;
type LocalReads = AllReads & { readonly forget: () => void } & Disposable;

/** What a thread knows of the database that the writer has opened. */
export interface OpenedFile {
  readonly file: string;
  readonly epoch: string;
  /** Whether no other connection can read it, since the disk is full. */
  readonly isAlone: boolean;
}

/** Reads by a connection of its own, and writes by the writer. */
export function connectStore({ file, epoch, isAlone }: OpenedFile, { call }: Calls): ThreadStore & Disposable {
  const local = isAlone ? openLater(file) : openNow(file);
  const writes = methodsOf<Writes>(WRITES, (method) => (args) => call(method, args));

  // Nobody can trust what a lost file says, nor that it says nothing.
  async function explain(fault: unknown): Promise<never> {
    if (!(fault instanceof Error) || fault.name !== 'SqliteError') throw fault;
    const lost: string | undefined = await call('checkFiles', []);
    throw lost === undefined ? fault : new StorageError('lost', lost, { cause: fault });
  }

  const reads = methodsOf<AllReads>(READS, (method) => (args) => {
    const own = local.reads();
    const result = own ? (own[method] as Method)(...args) : call(method, args);
    return result.catch(explain);
  });
  return {
    ...reads,
    ...writes,
    ...forgetting(writes, () => local.reads()?.forget()),
    epoch,
    [Symbol.dispose]: () => local.reads()?.[Symbol.dispose](),
  };
}

type Method = (...args: readonly unknown[]) => Promise<unknown>;

const methodsOf = <T>(
  names: readonly (keyof T & string)[],
  run: (name: never) => (args: readonly unknown[]) => unknown,
) =>
  Object.fromEntries(
    names.map((name) => {
      const method = run(name as never);
      return [name, (...args: readonly unknown[]) => method(args)];
    }),
  ) as T;

const WRITES = [
  'amend',
  'importRows',
  'addIntercom',
  'amendIntercom',
  'changeLinks',
  'prune',
  'addToken',
  'revokeToken',
  'recordTokenUse',
] as const satisfies readonly (keyof Writes)[];

function openReads(file: string): LocalReads {
  const client = new Sqlite(file, { readonly: true });
  try {
    const tokens = createTokenReads(client, drizzle(client));
    return { ...createReads(createReader(client)), ...tokens, [Symbol.dispose]: () => void client.close() };
  } catch (error) {
    client.close();
    throw error;
  }
}

interface Local {
  /** The reads of this thread; `undefined` while only the writer can read. */
  reads(): LocalReads | undefined;
}

function openNow(file: string): Local {
  const reads = openReads(file);
  return { reads: () => reads };
}

function openLater(file: string): Local {
  let reads: LocalReads | undefined;
  let triedAt = performance.now();
  return {
    reads() {
      if (reads || performance.now() - triedAt < RETRY_MS) return reads;
      triedAt = performance.now();
      try {
        reads = openReads(file);
      } catch {
        // The disk is still full.
      }
      return reads;
    },
  };
}

const READS = [
  'findFlat',
  'findIntercom',
  'listFlats',
  'countFlats',
  'scanFlats',
  'listIntercoms',
  'countIntercoms',
  'listChanges',
  'countChanges',
  'flatsById',
  'intercomsById',
  'keysOf',
  'usersOf',
  'changesBySeq',
  'linkedNames',
  'flatCounts',
  'lineStatistics',
  'changesHead',
  'findToken',
  'listTokens',
  'hasToken',
  'liveTokenIds',
] as const satisfies readonly (keyof AllReads)[];
