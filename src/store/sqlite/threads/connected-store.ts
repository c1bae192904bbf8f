import Sqlite from 'better-sqlite3';
import type { Calls } from '../../../threads/calls.ts';
import { forgetting } from '../../live-tokens.ts';
import { StorageError, type ThreadStore, type Writes } from '../../store.ts';
import { type Method, methodsOf, READS, type ThreadReads, WRITES } from '../../thread-calls.ts';
import { drizzle } from '../drizzle.ts';
import { createReader } from '../read/query.ts';
import { createReads } from '../read/reads.ts';
import { createTokenReads } from '../read/tokens.ts';

/** How often a database that only the writer may read is tried again. */
const RETRY_MS = 1_000;

type LocalReads = ThreadReads & { readonly forget: () => void } & Disposable;

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

  const reads = methodsOf<ThreadReads>(READS, (method) => (args) => {
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
