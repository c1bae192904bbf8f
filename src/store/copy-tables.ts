import { createHash } from 'node:crypto';
import { UnusableDatabaseError } from './store.ts';

/** The tables that are copied from one database to another, each after those that it refers to, by what their rows are sorted. */
export const COPIED_TABLES = {
  intercoms: ['id'],
  flats: ['id'],
  keys: ['flat_id', 'code'],
  users: ['id'],
  flat_users: ['flat_id', 'user_id'],
  changes: ['seq'],
  provision_changes: ['seq'],
  change_set_runs: ['first_seq'],
  clock_steps: ['seq'],
  tokens: ['id'],
} as const satisfies Readonly<Record<string, readonly string[]>>;

export type CopiedTable = keyof typeof COPIED_TABLES;
export const COPIED_NAMES = Object.keys(COPIED_TABLES) as CopiedTable[];

/** A value as every dialect reads and writes it: flags as 0 and 1, bytes as hexadecimal text. */
export type CopiedValue = number | string | null;

/** What no row says. */
export interface CopiedState {
  readonly epoch: string;
  readonly prunedTo: number;
  /** The seq of the newest change, ever. */
  readonly head: number;
  /** The greatest ids that intercoms and flats have ever had. */
  readonly lastIntercomId: number;
  readonly lastFlatId: number;
}

/** A database as it is at one moment. */
export interface CopySource extends AsyncDisposable {
  columnsOf(table: CopiedTable): readonly string[];
  rows(table: CopiedTable, columns: readonly string[]): AsyncIterable<readonly (readonly CopiedValue[])[]>;
  state(): Promise<CopiedState>;
}

/** An empty database that is filled; nothing of it is there before `end`. */
export interface CopyTarget extends AsyncDisposable {
  columnsOf(table: CopiedTable): readonly string[];
  write(table: CopiedTable, columns: readonly string[], rows: readonly (readonly CopiedValue[])[]): Promise<void>;
  end(state: CopiedState): Promise<void>;
}

export type CopyReport = Readonly<Record<CopiedTable, number>>;

interface Digest {
  readonly rows: number;
  readonly hash: string;
}

/** Copies everything, and returns how many rows each table has, with what to compare the target with. */
export async function copyTables(source: CopySource, target: CopyTarget): Promise<ReadonlyMap<CopiedTable, Digest>> {
  const copied = new Map<CopiedTable, Digest>();
  for (const table of COPIED_NAMES) {
    copied.set(table, await digest(source, target, table, (columns, rows) => target.write(table, columns, rows)));
  }
  await target.end(await source.state());
  return copied;
}

/** Reads all rows of a table that both have; the digest is the same for the same rows, whatever the dialect. */
async function digest(
  source: CopySource,
  other: Pick<CopyTarget, 'columnsOf'>,
  table: CopiedTable,
  onRows: (columns: readonly string[], rows: readonly (readonly CopiedValue[])[]) => Promise<void>,
): Promise<Digest> {
  const others = new Set(other.columnsOf(table));
  const columns = source
    .columnsOf(table)
    .filter((it) => others.has(it))
    .toSorted();
  const hash = createHash('sha256');
  let count = 0;
  for await (const rows of source.rows(table, columns)) {
    for (const row of rows) hash.update(JSON.stringify(row));
    count += rows.length;
    await onRows(columns, rows);
  }
  return { rows: count, hash: hash.digest('hex') };
}

/** Reads the target again, and throws when it is not what was copied. */
export async function verifyCopy(
  copied: ReadonlyMap<CopiedTable, Digest>,
  written: CopySource,
  original: Pick<CopySource, 'columnsOf'>,
): Promise<CopyReport> {
  for (const [table, expected] of copied) {
    const { rows, hash } = await digest(written, original, table, async () => {});
    if (rows !== expected.rows || hash !== expected.hash) {
      throw new UnusableDatabaseError(`The copy of ${table} differs from what was read; do not use it.`);
    }
  }
  return Object.fromEntries([...copied].map(([table, { rows }]) => [table, rows])) as unknown as CopyReport;
}
