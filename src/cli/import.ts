import { createReadStream } from 'node:fs';
import { addAbortSignal, type Readable } from 'node:stream';
import { parseArgs } from 'node:util';
import { ConfigError, configFromEnv } from '../config.ts';
import { BadHeader } from '../csv/header.ts';
import { readFlats } from '../csv/read-flats.ts';
import { rowErrorText } from '../csv/row-error-text.ts';
import type { Origin } from '../domain/change.ts';
import type { ParsedRow } from '../domain/flat-row.ts';
import { type ImportSummary, importFlats } from '../operations/import-flats.ts';
import { openStore } from '../store/open.ts';
import { StorageBusy, UnusableDatabase } from '../store/store.ts';
import { fileFaultText, isFileFault } from './file-fault.ts';
import type { Terminal } from './terminal.ts';
import { openThrowawayCopy } from './throwaway-copy.ts';

const USAGE = `Usage: npm run import -- [--dry-run] <file.csv>

Brings the flats of a CSV file into the database; - reads the standard input.

The first line names the columns, in any order:
  intercom_id, flat                    required
  flat_id                              the record id; a new flat without one gets the next
  is_smartphone_sip_line_available     true, false, 1 or 0; empty leaves the flat as it is,
  is_landline_sip_line_available       and a new flat has the line
  is_analog_line_available
  keys, users                          key codes and logins, separated by ;
                                       they replace what is stored; empty leaves it as it is
  intercom_title                       the title of the intercom
The separator is a comma, or a semicolon throughout (then put keys and users in quotes). UTF-8.

Options:
  --dry-run   tell what the import would do, and change nothing
  --help      this text

Bad rows are told on stderr and the good ones still land.
Environment: DATABASE_URL (file:data/intercom-flats.db).
Exit code: 0 all good; 1 some rows were refused, or the file or the database cannot be used; 2 wrong usage,
environment or header; 130 interrupted.
`;

const ORIGIN: Origin = { actor: 'local', channel: 'IMPORT' };
/** An import can wait longer for another process than a caller can, in milliseconds. */
const LOCK_PATIENCE = 60_000;
const INTERRUPTED = 130;

export async function run(args: string[], env: NodeJS.ProcessEnv, terminal: Terminal): Promise<number> {
  const { out, err, signal } = terminal;
  const options = parseOptions(args);
  if (options.kind === 'help') {
    out(USAGE);
    return 0;
  }
  if (options.kind === 'wrong') {
    err(`${options.problem}\n\n${USAGE}`);
    return 2;
  }
  const { file, dryRun } = options;
  let input: Readable | undefined;
  try {
    const { database } = configFromEnv(env);
    input = addAbortSignal(signal, file === '-' ? terminal.stdin : createReadStream(file));
    // The header comes first: a file that is none of ours shall not even make a database.
    const batches = await readFlats(input);
    await using store = dryRun
      ? await openThrowawayCopy(database, { lockPatience: LOCK_PATIENCE })
      : openStore(database, { lockPatience: LOCK_PATIENCE });
    const summary = await importFlats(store, ORIGIN, untilAborted(batches, signal), (line, errors) =>
      err(errors.map((error) => `${rowErrorText(line, error)}\n`).join('')),
    );
    out(summaryText(summary, dryRun));
    if (signal.aborted) err('Interrupted: the rest of the file was not read.\n');
    return signal.aborted ? INTERRUPTED : summary.refused > 0 ? 1 : 0;
  } catch (error) {
    if (signal.aborted && isAbort(error)) return INTERRUPTED;
    const fault = faultOf(error, file);
    if (!fault) throw error;
    err(`${fault.text}\n`);
    return fault.code;
  } finally {
    input?.destroy();
  }
}

type Options =
  | { readonly kind: 'import'; readonly file: string; readonly dryRun: boolean }
  | { readonly kind: 'help' }
  | { readonly kind: 'wrong'; readonly problem: string };

function parseOptions(args: string[]): Options {
  try {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: {
        'dry-run': { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
    if (values.help) return { kind: 'help' };
    const [file, ...others] = positionals;
    if (!file || others.length > 0) return { kind: 'wrong', problem: 'Name one CSV file.' };
    return { kind: 'import', file, dryRun: values['dry-run'] };
  } catch (error) {
    return { kind: 'wrong', problem: (error as Error).message };
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

/** What a fault that an operator can mend is called, and its exit code. */
function faultOf(error: unknown, file: string): { readonly text: string; readonly code: number } | undefined {
  if (error instanceof ConfigError || error instanceof BadHeader) return { text: error.message, code: 2 };
  if (error instanceof UnusableDatabase) return { text: error.message, code: 1 };
  if (error instanceof StorageBusy) {
    return { text: `The import stopped: ${error.message}. What was committed stays; run it again.`, code: 1 };
  }
  if (isFileFault(error)) return { text: `Cannot read ${file}: ${fileFaultText(error)}.`, code: 1 };
  return undefined;
}

function summaryText(summary: ImportSummary, dryRun: boolean): string {
  const title = dryRun ? 'Dry run, nothing was changed. The import would give:\n' : '';
  return `${title}rows: ${summary.rows}
intercoms created: ${summary.intercomsCreated}
flats created: ${summary.flatsCreated}
flats changed: ${summary.flatsChanged}
unchanged: ${summary.unchanged}
refused: ${summary.refused}
`;
}
