import { REPORT_HEADER, reportLine, rowErrorText } from '../csv/row-error-text.ts';
import type { ReportRefused } from '../operations/import-flats.ts';
import type { OutFile } from './out-file.ts';

/** As many as fit on a screen. */
const MAX_ON_SCREEN = 100;

/** Where the bad rows of an import are reported. */
export interface BadRows {
  readonly report: ReportRefused;
  /** Writes what was reported so far; call it often, so that little is kept in memory. */
  flush(): Promise<void>;
  /** Comes last: says what was reported elsewhere, or left out. */
  end(): Promise<void>;
}

/** On stderr, a line for each, up to a limit. */
export function createBadRowsOnErr(say: (text: string) => void, isScreen: boolean): BadRows {
  let rows = 0;
  return {
    report(line, errors) {
      rows++;
      if (isScreen && rows > MAX_ON_SCREEN) return;
      say(errors.map((error) => `${rowErrorText(line, error)}\n`).join(''));
    },
    async flush() {},
    async end() {
      if (!isScreen || rows <= MAX_ON_SCREEN) return;
      say(`and ${rows - MAX_ON_SCREEN} more bad rows; --report FILE writes them all to a file\n`);
    },
  };
}

/** In a CSV file of line, column and reason, which is there even if no row is bad. */
export function createBadRowsInFile(say: (text: string) => void, file: OutFile): BadRows {
  let rows = 0;
  let waiting = REPORT_HEADER;
  const flush = async () => {
    const text = waiting;
    waiting = '';
    if (text !== '') await file.write(text);
  };
  return {
    report(line, errors) {
      rows++;
      waiting += errors.map((error) => reportLine(line, error)).join('');
    },
    flush,
    async end() {
      await flush();
      await file.finish();
      if (rows > 0) say(`bad rows are reported in ${file.name}\n`);
    },
  };
}
