import { findPrunable, pruneChanges } from '../../operations/prune-changes.ts';
import { configFromEnv } from '../../service/config.ts';
import { createCommand, DONE, INTERRUPTED, UsageError } from '../command.ts';
import { openDatabase, requireDatabase } from '../database.ts';

const USAGE = `Usage: npm run prune -- --older-than <age> [--dry-run] [--json]

Deletes the changes that are older than an age from the change log, in small commits, while the server is running. The
newest change always stays. Followers and pollers that are behind the deleted changes get CURSOR_EXPIRED.

Options:
  --older-than <age>   a whole number and a unit: 400d (days), 52w (weeks) or 36h (hours)
  --dry-run            report how many it would delete, and change nothing
  --json               print the outcome as JSON
  --help               this text

Environment: DATABASE_URL (file:data/intercom-flats.db).
Exit code: 0 done; 1 the database cannot be used; 2 wrong usage or environment; 130 interrupted: what is deleted stays deleted.
`;

/** A prune can wait longer for another process than a request can. */
const LOCK_TIMEOUT_MS = 60_000;
/** How often progress is reported, in rows. */
const REPORT_EVERY_ROWS = 100_000;

const SYNTAX = {
  usage: USAGE,
  positionals: false,
  options: {
    'older-than': { type: 'string' },
    'dry-run': { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
} as const;

export const run = createCommand(SYNTAX, async ({ values }, env, { out, err, signal }) => {
  const now = Date.now();
  const before = now - ageFrom(values['older-than']);
  const { database } = configFromEnv(env);
  requireDatabase(database);
  await using store = await openDatabase(database, { err }, { lockTimeoutMs: LOCK_TIMEOUT_MS });

  const dryRun = values['dry-run'];
  const prunable = await findPrunable(store, before, now);
  const pruned = dryRun
    ? prunable.rows
    : await pruneChanges(store, prunable, signal, (done) => {
        if (done % REPORT_EVERY_ROWS === 0) err(`taken out: ${done} of ${prunable.rows}\n`);
      });
  const kept = (await store.countChanges({})) - (dryRun ? pruned : 0);
  const outcome = { before: momentText(before), pruned, kept, dryRun, interrupted: signal.aborted };
  out(values.json ? `${JSON.stringify(outcome)}\n` : summaryText(outcome));
  if (signal.aborted) err('Interrupted: what is taken out stays out; run it again for the rest.\n');
  return signal.aborted ? INTERRUPTED : DONE;
});

const HOUR_MS = 3_600_000;
const UNITS: Readonly<Record<string, number>> = { h: HOUR_MS, d: 24 * HOUR_MS, w: 7 * 24 * HOUR_MS };

/** In milliseconds. */
function ageFrom(text: string | undefined): number {
  if (text === undefined) throw new UsageError('Say how old the changes are that go, like --older-than 400d.');
  const [, count, unit = ''] = /^([1-9]\d{0,5})([hdw])$/.exec(text) ?? [];
  if (!count) {
    throw new UsageError(
      `--older-than must be a whole number from 1 to 999999 and h, d or w, like 400d; it is ${JSON.stringify(text)}.`,
    );
  }
  return Number(count) * (UNITS[unit] as number);
}

/** An age may reach back before 1970. */
const momentText = (moment: number): string => new Date(Math.max(0, moment)).toISOString();

const summaryText = (outcome: { before: string; pruned: number; kept: number; dryRun: boolean }): string =>
  `${outcome.dryRun ? 'Dry run, nothing was changed. The prune would give:\n' : ''}before: ${outcome.before}
taken out: ${outcome.pruned}
kept: ${outcome.kept}
`;
