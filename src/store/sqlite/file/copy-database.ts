import Sqlite from 'better-sqlite3';
import { unusable } from './connect.ts';
import { inspect } from './inspect.ts';
import { makePrivateFile } from './private-file.ts';

/** How long it waits for a server that is just starting, in milliseconds. */
const PATIENCE = 10_000;

/** Copies a database as it is, without migrating it, while others go on reading and writing. */
export async function copyDatabase(file: string, target: string): Promise<void> {
  try {
    inspect(file, PATIENCE);
  } catch (error) {
    throw unusable(file, error);
  }
  makePrivateFile(target);
  const source = new Sqlite(file, { readonly: true, timeout: PATIENCE });
  try {
    // In one step: a copy in several begins anew whenever another process writes.
    await source.backup(target, { progress: ({ totalPages }) => totalPages });
  } finally {
    source.close();
  }
}
