import { existsSync } from 'node:fs';
import { configFromEnv } from '../../service/config.ts';
import { copyEverything, type Database, databaseText, isFile } from '../../store/open.ts';
import { UnusableDatabaseError } from '../../store/store.ts';
import { CommandError, createCommand, DONE, UsageError } from '../command.ts';
import { requireDatabase } from '../database.ts';

const USAGE = `Usage: npm run copy -- --from <url> --to <url> [--json]

Copies everything from one database to another one that is empty, from a file to PostgreSQL or back: intercoms and flats
with their ids, versions and times, keys, users, the change log with its epoch, and the tokens. Then it reads the copy and
compares. Stop the service first: what it writes meanwhile stays in the old database.

Options:
  --from <url>   file:data/intercom-flats.db, or postgres://user@host/database
  --to <url>     likewise
  --json         print the numbers of rows as JSON
  --help         this text

Environment: PGPASSWORD and the others of libpq; DATABASE_PASSWORD_FILE.
Exit code: 0 done; 1 nothing was copied; 2 wrong usage or environment.
`;

const SYNTAX = {
  usage: USAGE,
  positionals: false,
  options: { from: { type: 'string' }, to: { type: 'string' }, json: { type: 'boolean', default: false } },
} as const;

export const run = createCommand(SYNTAX, async ({ values }, env, { out }) => {
  const databaseOf = (name: 'from' | 'to'): Database => {
    const url = values[name];
    if (!url) throw new UsageError(`Say what to copy: --${name} is missing.`);
    return configFromEnv({ ...env, DATABASE_URL: url, MIN_FREE_MB: '', MIGRATE_WITHOUT_COPY: '' }).database;
  };
  const [from, to] = [databaseOf('from'), databaseOf('to')];
  requireDatabase(from);
  if (isFile(to) && existsSync(to.file)) throw new CommandError(`${to.file} exists; copy into a new file.`);
  const [source, target] = [databaseText(from), databaseText(to)];
  try {
    const rows = await copyEverything(from, to);
    const counts = Object.entries(rows);
    out(
      values.json
        ? `${JSON.stringify({ from: source, to: target, ...rows })}\n`
        : `from: ${source}\nto: ${target}\n${counts.map(([table, count]) => `${table}: ${count}\n`).join('')}compared: yes\n`,
    );
    return DONE;
  } catch (error) {
    if (!(error instanceof UnusableDatabaseError)) throw error;
    throw new CommandError(`Cannot copy ${source} to ${target}: ${error.message}`, { cause: error });
  }
});
