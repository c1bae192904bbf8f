import { HeaderError } from '../csv/header.ts';
import { readFlats } from '../csv/read-flats.ts';
import type { ParsedRow } from '../domain/import-row.ts';
import type { Exchange } from '../http/exchange/exchange.ts';
import type { Route } from '../http/exchange/route.ts';
import { stillMayCall } from '../operations/authenticate.ts';
import { type ImportSummary, importFlats } from '../operations/import-flats.ts';
import { createRehearsal } from '../operations/rehearse-import.ts';
import { StorageError, type Store } from '../store/store.ts';
import { textsOf } from '../texts/index.ts';
import { createReport, type Stop } from './report.ts';
import { slicesOf } from './slices.ts';

export const IMPORT_PATH = '/import';

export interface ImportDoor {
  readonly store: Store;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** The largest file, in bytes. */
  readonly maxBody: number;
  readonly report: (fault: unknown) => void;
  /** Writes a line to the log. */
  readonly logInfo: (about: object, message: string) => void;
  /** Aborts when the service stops. */
  readonly stop: AbortSignal;
}

/**
 * The import of the command over HTTP: the same reader and the same writes. The file is the body of the request; the answer is sent while it
 * is imported, a line of JSON for each bad row and for the progress. One import at a time: each holds its file in memory.
 */
export function createImportRoute({ maxBody, ...door }: ImportDoor): Route {
  let isBusy = false;
  return {
    path: IMPORT_PATH,
    door: 'import',
    methods: ['POST'],
    scope: 'admin',
    needsStorage: true,
    maxBody,
    async handle(exchange, body) {
      const texts = textsOf(exchange.locale);
      // Pages of other sites may send no such type without asking first.
      if (!/^text\/csv\b/i.test(exchange.request.headers['content-type'] ?? '')) {
        return exchange.sendJson(415, { message: texts.csvExpected });
      }
      if (isBusy) return exchange.sendJson(503, { message: texts.importRunning }, { 'Retry-After': '5' });
      isBusy = true;
      try {
        await importFile(door, exchange, body);
      } finally {
        isBusy = false;
      }
    },
  };
}

async function importFile(door: Omit<ImportDoor, 'maxBody'>, exchange: Exchange, body: Buffer): Promise<void> {
  const { store, now, stop, logInfo } = door;
  const { caller } = exchange;
  const left = exchange.left();
  const dryRun = new URLSearchParams(exchange.query).get('dryRun') === 'true';
  const slices = slicesOf(body);
  let batches: AsyncIterable<readonly ParsedRow[]>;
  try {
    batches = await readFlats(slices);
  } catch (error) {
    if (!(error instanceof HeaderError)) throw error;
    exchange.outcome = 'refused';
    const message = error.textIn(exchange.locale);
    return exchange.sendJson(422, { message, errors: { file: [message] } });
  }

  const report = createReport(exchange, left);
  let summary = NOTHING;
  let stoppedBy: Stop | null = null;
  async function* untilStopped(): AsyncGenerator<readonly ParsedRow[], void> {
    for await (const batch of batches) {
      if (left.aborted || stop.aborted) stoppedBy = 'SHUTTING_DOWN';
      else if (!(await stillMayCall(store, caller, now()))) stoppedBy = 'TOKEN_REVOKED';
      if (stoppedBy) return;
      yield batch;
      await report.drained();
    }
  }
  const origin = { actor: caller.actor, channel: 'IMPORT' } as const;
  try {
    summary = await importFlats(dryRun ? createRehearsal(store) : store, origin, untilStopped(), report.bad, (done) => {
      summary = done;
      report.progress(done.rows, slices.share());
    });
  } catch (error) {
    stoppedBy = stopOf(error);
    if (stoppedBy === 'FAULT') door.report(error);
  }
  logInfo({ actor: caller.actor, dryRun, ...summary, stoppedBy: left.aborted ? 'LEFT' : stoppedBy }, 'import');
  report.end({ dryRun, ...summary, stoppedBy });
}

const NOTHING: ImportSummary = {
  ...{ rows: 0, intercomsCreated: 0, intercomsChanged: 0, flatsCreated: 0, flatsChanged: 0 },
  ...{ unchanged: 0, refused: 0 },
};

function stopOf(error: unknown): Stop {
  if (!(error instanceof StorageError)) return 'FAULT';
  return error.problem === 'outcomeUnknown' ? 'OUTCOME_UNKNOWN' : 'STORAGE_BUSY';
}
