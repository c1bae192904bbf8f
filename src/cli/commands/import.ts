import { readFlats } from '../../csv/read-flats.ts';
import type { Origin } from '../../domain/change.ts';
import type { ParsedRow } from '../../domain/import-row.ts';
import { type ImportSummary, importFlats } from '../../operations/import-flats.ts';
import { configFromEnv } from '../../service/config.ts';
import { type Database, databaseFiles } from '../../store/open.ts';
import { StorageError } from '../../store/store.ts';
import { createBadRowsInFile, createBadRowsOnErr } from '../bad-rows.ts';
import {
  CommandError,
  createCommand,
  DONE,
  type Given,
  INTERRUPTED,
  REFUSED,
  type Terminal,
  UsageError,
} from '../command.ts';
import { openDatabase, openThrowawayCopy } from '../database.ts';
import { openInFile } from '../in-file.ts';
import { openOutFile } from '../out-file.ts';
import { showProgress } from '../progress.ts';

const USAGE = `Usage: npm run import -- [options] <file.csv>

Imports the flats of a CSV file into the database; - reads the standard input.

The first line names the columns, in any order:
  intercom_id, flat                    required; a row without a flat describes an intercom alone
  flat_id                              the record id; a new flat without one gets the next
  is_smartphone_sip_line_available     true, false, 1 or 0; empty leaves the flat as it is,
  is_landline_sip_line_available       and a new flat has the line
  is_analog_line_available
  keys, users                          key codes and logins, separated by ;
                                       they replace what is stored; empty leaves it as it is
  intercom_title                       the title of the intercom; empty leaves it as it is
  intercom_external_id                 its id in another system; empty leaves it as it is
  intercom_flat_from, intercom_flat_to the numbers that its flats may have; empty leaves them as
                                       they are, and a new intercom gets the ones its flats span
The separator is a comma, or a semicolon throughout (then put keys and users in quotes). UTF-8.
An apostrophe before = + - @ or another apostrophe, as the export writes it, is not part of a text.

Options:
  --dry-run      report what the import would do, and change nothing
  --report FILE  write the bad rows to a CSV file of line, column and reason, instead of stderr
  --json         print the summary as JSON (npm run --silent keeps npm's own lines away)
  --help         this text

Bad rows are reported on stderr; the good ones are imported all the same.
Environment: DATABASE_URL (file:data/intercom-flats.db).
Exit code: 0 all good; 1 some rows were refused, or a file or the database cannot be used; 2 wrong usage,
environment or header; 130 interrupted.
`;

const ORIGIN: Origin = { actor: 'local', channel: 'IMPORT' };
/** An import can wait longer for another process than a request can. */
const LOCK_TIMEOUT_MS = 60_000;

const SYNTAX = {
  usage: USAGE,
  positionals: true,
  options: {
    'dry-run': { type: 'boolean', default: false },
    report: { type: 'string' },
    json: { type: 'boolean', default: false },
  },
} as const;

export const run = createCommand(SYNTAX, async (given, env, terminal) => {
  const options = readOptions(given);
  const { database } = configFromEnv(env);
  const { signal } = terminal;
  await using input = await openInFile(options.file, terminal);
  let batches: AsyncIterable<readonly ParsedRow[]>;
  try {
    // The header comes first: a wrong file must not even create a database.
    batches = await readFlats(input.bytes);
  } catch (error) {
    if (signal.aborted && isAbort(error)) return INTERRUPTED;
    throw error;
  }
  const summary = await importAll(options, database, terminal, untilAborted(batches, signal), input.share);
  terminal.out(options.json ? `${JSON.stringify({ dryRun: options.dryRun, ...summary })}\n` : textOf(summary, options));
  if (signal.aborted) terminal.err('Interrupted: the rest of the file was not read.\n');
  return signal.aborted ? INTERRUPTED : summary.refused > 0 ? REFUSED : DONE;
});

interface Options {
  readonly file: string;
  readonly dryRun: boolean;
  readonly report: string | undefined;
  readonly json: boolean;
}

function readOptions({ values, positionals }: Given<typeof SYNTAX.options>): Options {
  const [file, ...others] = positionals;
  if (!file || others.length > 0) throw new UsageError('Name one CSV file.');
  if (values.report === '') throw new UsageError('--report needs a file name.');
  return { file, dryRun: values['dry-run'], report: values.report, json: values.json };
}

async function importAll(
  { file, dryRun, report }: Options,
  database: Database,
  terminal: Terminal,
  batches: AsyncIterable<readonly ParsedRow[]>,
  share: () => number | undefined,
): Promise<ImportSummary> {
  using progress = showProgress(terminal, 'rows');
  await using reported =
    report === undefined ? undefined : await openOutFile(report, [file, ...databaseFiles(database)]);
  const bad = reported
    ? createBadRowsInFile(progress.say, reported)
    : createBadRowsOnErr(progress.say, terminal.errColumns !== undefined);
  const patience = { lockTimeoutMs: LOCK_TIMEOUT_MS };
  await using store = dryRun
    ? await openThrowawayCopy(database, patience)
    : await openDatabase(database, terminal, patience);
  async function* flushed(): AsyncGenerator<readonly ParsedRow[], void> {
    for await (const batch of batches) {
      yield batch;
      await bad.flush();
    }
  }
  try {
    return await importFlats(store, ORIGIN, flushed(), bad.report, ({ rows }) => progress.at(rows, share()));
  } catch (error) {
    if (!(error instanceof StorageError)) throw error;
    throw new CommandError(`The import stopped: ${error.message}. What was committed stays; run it again.`, {
      cause: error,
    });
  } finally {
    await bad.end();
  }
}

/** Ends the rows when the signal comes, so that what was read so far is still committed and counted. */
async function* untilAborted(
  batches: AsyncIterable<readonly ParsedRow[]>,
  signal: AbortSignal,
): AsyncGenerator<readonly ParsedRow[], void> {
  try {
    for await (const batch of batches) {
      if (signal.aborted) return;
      yield batch;
    }
  } catch (error) {
    if (!(signal.aborted && isAbort(error))) throw error;
  }
}

const isAbort = (error: unknown): boolean => error instanceof Error && error.name === 'AbortError';

function textOf(summary: ImportSummary, { dryRun }: Options): string {
  const title = dryRun ? 'Dry run, nothing was changed. The import would give:\n' : '';
  return `${title}rows: ${summary.rows}
intercoms created: ${summary.intercomsCreated}
intercoms changed: ${summary.intercomsChanged}
flats created: ${summary.flatsCreated}
flats changed: ${summary.flatsChanged}
unchanged: ${summary.unchanged}
refused: ${summary.refused}
`;
}
