import { existsSync } from 'node:fs';
import { configFromEnv, isFileName } from '../../service/config.ts';
import { restoreDatabase } from '../../store/open.ts';
import { CommandError, createCommand, DONE, UsageError } from '../command.ts';
import { countsOf, countsText, requireFile } from '../database.ts';

const USAGE = `Usage: npm run restore -- [--force] [--json] <file>

Replaces the database by a copy of a backup. Stop the server first. The backup is checked from end to end, and migrated
if an older version made it; the old database is kept under another name. Cursors of the feed from before the restore
get CURSOR_EXPIRED.

Options:
  --force   continue although the present database is too damaged to find out whether a server has it open
  --json    print the outcome as JSON
  --help    this text

Environment: DATABASE_URL (file:data/intercom-flats.db).
Exit code: 0 done; 1 refused, and the database is as it was; 2 wrong usage or environment; 130 interrupted.
`;

const SYNTAX = {
  usage: USAGE,
  positionals: true,
  options: { force: { type: 'boolean', default: false }, json: { type: 'boolean', default: false } },
} as const;

export const run = createCommand(SYNTAX, async ({ values, positionals }, env, { out, signal }) => {
  const [file, ...others] = positionals;
  if (!file || others.length > 0) throw new UsageError('Name one backup to restore.');
  if (!isFileName(file))
    throw new UsageError('The name of the file begins or ends with white space, or has control characters.');
  const { database } = configFromEnv(env);
  requireFile(database, 'restore it', 'pg_restore into a new database, or the backups of your provider');
  if (!existsSync(file)) throw new CommandError(`No backup at ${file}.`);

  const { rows, aside } = await restoreDatabase(file, database, { force: values.force, now: Date.now(), signal });
  const counts = countsOf(rows);
  out(
    values.json
      ? `${JSON.stringify({ database: database.file, backup: file, keptAside: aside ?? null, ...counts })}\n`
      : `database: ${database.file}\nbackup: ${file}\nkept aside: ${aside ?? 'nothing, there was no database'}\n${countsText(counts)}`,
  );
  return DONE;
});
