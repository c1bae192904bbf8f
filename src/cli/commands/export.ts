import type { Writable } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import type { Separator } from '../../csv/cells.ts';
import { formatHeader, formatRow } from '../../csv/format-row.ts';
import { configFromEnv } from '../../service/config.ts';
import { databaseFiles } from '../../store/open.ts';
import type { Store } from '../../store/store.ts';
import { createCommand, DONE, type Given, INTERRUPTED, REFUSED, type Terminal, UsageError } from '../command.ts';
import { openDatabase, requireDatabase } from '../database.ts';
import { type OutFile, openOutFile, toFileError } from '../out-file.ts';
import { showProgress } from '../progress.ts';

const USAGE = `Usage: npm run export -- [options] --out <file.csv>
       npm run --silent export > <file.csv>

Writes every flat with its intercom as a CSV file that import reads: one row for each flat, by intercom and number, and
one for each intercom without flats. All rows are of one moment, whatever is written meanwhile.

Options:
  --out FILE        the file to write; it gets its name when it is complete, and replaces an existing one.
                    Without it, or with -, the standard output (npm run --silent keeps npm's own lines away)
  --separator CHAR  comma (default) or semicolon, or the character itself
  --bom             begin with a byte order mark, by which spreadsheets recognize UTF-8
  --json            print the summary as JSON
  --help            this text

A text that a spreadsheet would run as a formula gets an apostrophe before it, which import removes.
The summary is printed on stdout, or on stderr when the rows are on stdout.
Environment: DATABASE_URL (file:data/intercom-flats.db).
Exit code: 0 done; 1 the file or the database cannot be used, or the reader of stdout closed it; 2 wrong usage or
environment; 130 interrupted: no file is written.
`;

const SEPARATORS: ReadonlyMap<string, Separator> = new Map([
  ['comma', ','],
  [',', ','],
  ['semicolon', ';'],
  [';', ';'],
]);

const SYNTAX = {
  usage: USAGE,
  positionals: false,
  options: {
    out: { type: 'string', default: '-' },
    separator: { type: 'string', default: 'comma' },
    bom: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
} as const;

export const run = createCommand(SYNTAX, async ({ values }, env, terminal) => {
  const { out, separator, bom, json } = readOptions(values);
  const { database } = configFromEnv(env);
  requireDatabase(database);
  await using target = out === '-' ? toStdout(terminal.stdout) : await openOutFile(out, databaseFiles(database));
  await using store = await openDatabase(database, terminal);
  try {
    await target.write(`${bom ? '\ufeff' : ''}${formatHeader(separator)}`);
    const summary = await exportAll(store, target, separator, terminal);
    if (terminal.signal.aborted) {
      terminal.err('Interrupted: the export is not complete.\n');
      return INTERRUPTED;
    }
    await target.finish();
    const say = out === '-' ? terminal.err : terminal.out;
    say(json ? `${JSON.stringify(summary)}\n` : `intercoms: ${summary.intercoms}\nflats: ${summary.flats}\n`);
    return DONE;
  } catch (error) {
    if (error instanceof ReaderGone) return REFUSED;
    throw error;
  }
});

function readOptions(values: Given<typeof SYNTAX.options>['values']) {
  const separator = SEPARATORS.get(values.separator);
  if (!separator) throw new UsageError('--separator is comma or semicolon.');
  if (values.out === '') throw new UsageError('--out needs the name of a file.');
  return { ...values, separator };
}

interface ExportSummary {
  readonly intercoms: number;
  readonly flats: number;
}

/** Writes the rows, until the end or until the signal comes. */
async function exportAll(
  store: Store,
  target: OutFile,
  separator: Separator,
  terminal: Terminal,
): Promise<ExportSummary> {
  using progress = showProgress(terminal, 'flats');
  const { count: all } = await store.countFlats({ lines: {} });
  let intercoms = 0;
  let flats = 0;
  let lastIntercom: number | undefined;
  for await (const rows of store.exportRows()) {
    for (const { intercomId, flat } of rows) {
      if (intercomId !== lastIntercom) intercoms++;
      if (flat !== undefined) flats++;
      lastIntercom = intercomId;
    }
    await target.write(rows.map((row) => formatRow(row, separator)).join(''));
    progress.at(flats, all > 0 ? Math.min(flats / all, 1) : undefined);
    // Reading and writing may never wait for I/O, and then no signal would be handled.
    await setImmediate();
    if (terminal.signal.aborted) break;
  }
  return { intercoms, flats };
}

/** The reader of the standard output closed it, like `| head`. */
class ReaderGone extends Error {}

const STDOUT = 'the standard output';

const toStdout = (stdout: Writable): OutFile => ({
  name: STDOUT,
  write: (text) =>
    new Promise((resolve, reject) => {
      stdout.write(text, (error) => {
        if (!error) resolve();
        else if ('code' in error && (error.code === 'EPIPE' || error.code === 'ERR_STREAM_DESTROYED')) {
          reject(new ReaderGone());
        } else reject(toFileError('write', STDOUT, error));
      });
    }),
  finish: async () => {},
  [Symbol.asyncDispose]: async () => {},
});
