import { once } from 'node:events';
import { columnName, reasonText } from '../csv/row-error-text.ts';
import type { Exchange } from '../http/exchange/exchange.ts';
import type { ImportSummary, ReportRefused } from '../operations/import-flats.ts';

/** Why an import ended early: what it has done stays, and the same file again does the rest. */
export type Stop = 'SHUTTING_DOWN' | 'TOKEN_REVOKED' | 'STORAGE_BUSY' | 'OUTCOME_UNKNOWN' | 'FAULT';

/** The last line of an answer. */
interface Done extends ImportSummary {
  readonly dryRun: boolean;
  readonly stoppedBy: Stop | null;
}

/** An answer that grows with the import: lines of JSON, each with one key. */
export interface Report {
  readonly bad: ReportRefused;
  progress(rows: number, share: number): void;
  /** Resolves once the caller has taken what was sent: little is kept in memory, however many rows are bad. */
  drained(): Promise<void>;
  end(done: Done): void;
}

/** Often enough for a bar that moves. */
const PROGRESS_MS = 250;

export function createReport(exchange: Exchange, left: AbortSignal): Report {
  const { response } = exchange;
  exchange.setCommonHeaders();
  // A proxy that gathers the lines would show no progress.
  response.writeHead(200, {
    'Content-Type': 'application/x-ndjson',
    'Cache-Control': 'no-store',
    'X-Accel-Buffering': 'no',
  });
  let sentAt = performance.now();
  let waiting = '';
  const write = (line: object) => {
    waiting += `${JSON.stringify(line)}\n`;
  };
  const flush = (): boolean => {
    const text = waiting;
    waiting = '';
    return text === '' || left.aborted || response.write(text);
  };

  return {
    bad(line, errors) {
      for (const error of errors) {
        write({ bad: { line, column: columnName(error), reason: error.reason, message: reasonText(error) } });
      }
    },
    progress(rows, share) {
      const now = performance.now();
      if (now - sentAt < PROGRESS_MS) return;
      sentAt = now;
      write({ progress: { rows, share: Math.round(share * 1_000) / 1_000 } });
    },
    async drained() {
      if (flush()) return;
      await once(response, 'drain', { signal: left }).catch(() => {});
    },
    end(done) {
      write({ done });
      flush();
      response.end();
    },
  };
}
