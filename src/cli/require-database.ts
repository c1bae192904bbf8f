import { existsSync } from 'node:fs';
import type { Database } from '../store/open.ts';
import { CannotRun } from './command.ts';

/** For commands that have nothing to do on a database that is not there, and shall not make it. */
export function requireDatabase({ file }: Database): void {
  if (!existsSync(file)) throw new CannotRun(`There is no database ${file}; DATABASE_URL names another one.`);
}
