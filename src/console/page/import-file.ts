import type { FlatRowReason } from '../../domain/import-row.ts';
import { AskError, post } from './ask.ts';

/** An error of a row. */
export interface BadRow {
  readonly line: number;
  /** As files spell it; null where the row as a whole is meant. */
  readonly column: string | null;
  readonly reason: FlatRowReason;
  readonly message: string;
}

/** What an import did, or would do. */
export interface Summary {
  readonly rows: number;
  readonly intercomsCreated: number;
  readonly intercomsChanged: number;
  readonly flatsCreated: number;
  readonly flatsChanged: number;
  readonly unchanged: number;
  readonly refused: number;
  /** Why the rest of the file was not imported. */
  readonly stoppedBy: string | null;
}

export interface Progress {
  readonly rows: number;
  readonly share: number;
}

/** A line of the answer, which has one of these. */
interface Line {
  readonly bad?: BadRow;
  readonly progress?: Progress;
  readonly done?: Summary;
}

/** Imports a file, or tries to: the answer grows while the service works. `undefined` when it ended in the middle. */
export async function importFile(
  file: File,
  dryRun: boolean,
  onBad: (rows: readonly BadRow[]) => void,
  onProgress: (progress: Progress) => void,
  signal: AbortSignal,
): Promise<Summary | undefined> {
  const response = await post(`/import?dryRun=${dryRun}`, 'text/csv', file, {}, signal);
  try {
    for await (const lines of linesOf(response)) {
      const bad = lines.flatMap((it) => it.bad ?? []);
      if (bad.length > 0) onBad(bad);
      for (const { progress, done } of lines) {
        if (progress) onProgress(progress);
        if (done) return done;
      }
    }
  } catch (error) {
    // The connection was cut: what was done stays.
    if (signal.aborted || !(error instanceof TypeError)) throw error;
  }
  return undefined;
}

async function* linesOf(response: Response): AsyncGenerator<readonly Line[], void> {
  if (!response.body) throw new AskError('offline', '');
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    const lines = (rest + value).split('\n');
    rest = lines.pop() ?? '';
    yield lines.map((it): Line => JSON.parse(it));
  }
}

/** The bad rows as the file that the command writes. */
export const badRowsFile = (rows: readonly BadRow[]): Blob =>
  new Blob(
    [
      'line,column,reason\n',
      ...rows.map(({ line, column, message }) => `${line},${column ?? ''},"${message.replaceAll('"', '""')}"\n`),
    ],
    { type: 'text/csv' },
  );
