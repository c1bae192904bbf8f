import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { AskError, ask } from './ask.ts';
import { type FlatRowFragment, FlatsNow, type IntercomFlatFilter } from './operations.ts';
import { usePolling } from './use-polling.ts';

const POLL_MS = 5_000;
const MAX_IDS = 500;

/** The rows of a list as they are now. */
export interface LiveRows {
  readonly now: ReadonlyMap<string, FlatRowFragment>;
  /** The rows that do not match the filter any more; they stay where they are until the list is read again. */
  readonly gone: ReadonlySet<string>;
}

const AS_READ: LiveRows = { now: new Map(), gone: new Set() };

/**
 * Reads again and again what the rows on the screen are now. A list may have rows of any building, and to follow every change of
 * all of them would be thousands a second while a large job runs.
 */
export function useLiveRows(rows: readonly FlatRowFragment[], filter: IntercomFlatFilter): LiveRows {
  const live = useSignal(AS_READ);
  const leaving = useRef(new AbortController());
  useEffect(() => () => leaving.current.abort(), []);

  async function read(): Promise<void> {
    const now = new Map<string, FlatRowFragment>();
    const gone = new Set<string>();
    for (let start = 0; start < rows.length; start += MAX_IDS) {
      const flatIds = rows.slice(start, start + MAX_IDS).map((it) => it.flatId);
      const { all, matching } = await ask(
        FlatsNow,
        { flatIds, matching: { ...filter, flatIds } },
        leaving.current.signal,
      );
      const found = new Set(matching?.nodes.map((it) => it.flatId));
      for (const it of flatIds) if (!found.has(it)) gone.add(it);
      for (const it of all?.nodes ?? []) now.set(it.flatId, it);
    }
    live.value = { now, gone };
  }
  const latest = useRef(read);
  latest.current = read;
  usePolling(POLL_MS, () => {
    latest.current().catch((error: unknown) => {
      // The next time may be better; the screen says by itself when there is no connection.
      if (!(error instanceof AskError) && !leaving.current.signal.aborted) throw error;
    });
  });
  return live.value;
}
