import { existsSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { configFromEnv, isFileName } from '../../service/config.ts';
import { backUpDatabase } from '../../store/open.ts';
import { CommandError, createCommand, DONE, UsageError } from '../command.ts';
import { countsOf, countsText, requireDatabase, requireFile } from '../database.ts';

const USAGE = `Usage: npm run backup -- [--force] [--json] <file>

Copies the database as of one moment to one file, while the server is running. The copy is checked from end to end
before it gets its name: a finished backup is complete, and on disk.

Options:
  --force   replace the file if it exists; the old one stays until the new one is good
  --json    print the outcome as JSON
  --help    this text

Environment: DATABASE_URL (file:data/intercom-flats.db).
Exit code: 0 done; 1 no backup was written; 2 wrong usage or environment; 130 interrupted.
`;

const SYNTAX = {
  usage: USAGE,
  positionals: true,
  options: { force: { type: 'boolean', default: false }, json: { type: 'boolean', default: false } },
} as const;

export const run = createCommand(SYNTAX, async ({ values, positionals }, env, { out, err, signal }) => {
  const [file, ...others] = positionals;
  if (!file || others.length > 0) throw new UsageError('Name one file for the backup.');
  if (!isFileName(file))
    throw new UsageError('The name of the file begins or ends with white space, or has control characters.');
  const { database } = configFromEnv(env);
  requireFile(database, 'back up it', 'pg_basebackup, pg_dump or the backups of your provider');
  requireDatabase(database);
  const found = statSync(file, { throwIfNoEntry: false });
  if (found && !found.isFile()) throw new CommandError(`Cannot back up to ${file}: it is not a file.`);
  if (found && !values.force) {
    throw new CommandError(`${file} exists; choose another name, or replace it with --force.`);
  }
  const { dev, ino } = statSync(database.file);
  if (found?.ino === ino && found.dev === dev) throw new CommandError(`${file} is the database itself.`);
  if (!existsSync(dirname(file))) throw new CommandError(`No folder ${dirname(file)}.`);

  const { bytes, rows, recounted } = await backUpDatabase(database, file, signal);
  if (recounted) {
    err('Note: the counts of line states in the database are wrong; in the backup they are corrected.\n');
  }
  const counts = countsOf(rows);
  out(
    values.json
      ? `${JSON.stringify({ database: database.file, backup: file, bytes, ...counts })}\n`
      : `database: ${database.file}\nbackup: ${file}\nbytes: ${bytes}\n${countsText(counts)}checked: yes\n`,
  );
  return DONE;
});
