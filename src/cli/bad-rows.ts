import { REPORT_HEADER, reportLine, rowErrorText } from '../csv/row-error-text.ts';
import type { ReportRefused } from '../operations/import-flats.ts';
import type { OutFile } from './out-file.ts';

/** As many as people read on a screen. */
const MAX_ON_SCREEN = 100;

/** Where the bad rows of an import are told. */
export interface BadRows {
  readonly tell: ReportRefused;
  /** Writes what was told so far; called often enough, little has to be kept. */
  flush(): Promise<void>;
  /** Comes last: says what was told elsewhere, or not at all. */
  end(): Promise<void>;
}

/** On stderr, each as a line; a screen is not flooded with them. */
export function badRowsOnErr(say: (text: string) => void, isScreen: boolean): BadRows {
  let rows = 0;
  return {
    tell(line, errors) {
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
export function badRowsInFile(say: (text: string) => void, file: OutFile): BadRows {
  let rows = 0;
  let waiting = REPORT_HEADER;
  const flush = async () => {
    const text = waiting;
    waiting = '';
    if (text !== '') await file.write(text);
  };
  return {
    tell(line, errors) {
      rows++;
      waiting += errors.map((error) => reportLine(line, error)).join('');
    },
    flush,
    async end() {
      await flush();
      await file.finish();
      if (rows > 0) say(`bad rows are told in ${file.name}\n`);
    },
  };
}
