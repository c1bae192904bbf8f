import type { Outcome } from '../../store.ts';
import type { Edits } from './decide-batch.ts';
import type { LockedFlats } from './lock-flats.ts';

export interface HeldWorks {
  /** Which of the calls, in their order, may be decided now; the others come later. */
  split(
    calls: readonly Edits[],
    flats: LockedFlats,
  ): { readonly now: readonly Edits[]; readonly later: readonly Later[] };
  /** Has a call commit where it waits for its flats. */
  defer(later: Later): Promise<readonly Outcome[]>;
}

export interface Later {
  readonly call: Edits;
  /** The flats of the call, and its change set. */
  readonly keys: readonly unknown[];
}

/**
 * Calls on flats that other transactions have locked, which `commit` commits elsewhere, so that the others of their batch need not
 * wait. Nothing overtakes them that is on the same flats or of the same call.
 */
export function createHeldWorks(commit: (call: Edits) => Promise<readonly Outcome[]>): HeldWorks {
  /** How many calls wait elsewhere, by their keys. */
  const waiting = new Map<unknown, number>();

  function count(keys: readonly unknown[], by: number): void {
    for (const key of keys) {
      const sum = (waiting.get(key) ?? 0) + by;
      if (sum > 0) waiting.set(key, sum);
      else waiting.delete(key);
    }
  }

  return {
    split(calls, flats) {
      const behind = new Set<unknown>();
      const now: Edits[] = [];
      const later: Later[] = [];
      for (const call of calls) {
        const keys = [call.call, ...call.updates.flatMap((it) => flats.idOf(it.ref) ?? [])];
        if (keys.some((it) => flats.held.has(it) || behind.has(it) || waiting.has(it))) {
          for (const key of keys) behind.add(key);
          later.push({ call, keys });
        } else now.push(call);
      }
      return { now, later };
    },
    defer({ call, keys }) {
      count(keys, 1);
      return commit(call).finally(() => count(keys, -1));
    },
  };
}
