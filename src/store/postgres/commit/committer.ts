import type { Committer, Result } from '../../group-commit.ts';
import type { Commit } from '../../store.ts';
import { ConnectionLostError, isContention, StatementError, toStorageError } from '../server/errors.ts';
import { decideBatch, type Edits } from './decide-batch.ts';
import { markSession } from './head.ts';
import type { HeldWorks, Later } from './held-works.ts';
import { lockFlats } from './lock-flats.ts';
import { isTooLate, writeBatch } from './write-batch.ts';
import type { Mark, Writer } from './writer.ts';

/** Edits, or the question whether any could be stored. */
export type Work = Edits | 'touch';

export interface CommitterOptions {
  readonly writer: Writer;
  /** The clock of a test; the server's is used without one. */
  readonly now: (() => number) | undefined;
  /** Whether its transactions are large ones, for which others would wait. */
  readonly isLarge: boolean;
  /** Where calls go whose flats others have locked; without it they are waited for. */
  readonly held?: HeldWorks | undefined;
  readonly onCommit: (commit: Commit) => void;
  readonly onClockBack: (ms: number) => void;
  /** Called after each commit with the problem of the storage, or with `undefined` when it was stored. */
  readonly onProblem: (error: unknown) => void;
}

/**
 * Commits all edits that wait as one transaction, in two trips: the flats are locked, all is decided in memory, and then one
 * statement and the commit are sent together.
 */
export function createCommitter({
  writer,
  now,
  isLarge,
  held,
  ...on
}: CommitterOptions): Committer<Work> & { head(): number } {
  let head = 0;

  async function attempt(works: readonly Work[], flatsFirst: boolean): Promise<readonly Result[]> {
    const calls = works.filter((it) => it !== 'touch');
    const isTouch = calls.length < works.length;
    const begun = performance.now();
    let written = 0;
    let sent = 0;
    let later: readonly Later[] = [];
    const results = await writer.transact<readonly Result[]>(async (session) => {
      const refs = calls.flatMap(({ updates }) => updates.map((it) => it.ref));
      const flats = await lockFlats(session, refs, held === undefined);
      const ready = held?.split(calls, flats);
      later = ready?.later ?? [];
      const batch = decideBatch(ready?.now ?? calls, flats, (now ?? Date.now)());
      if (batch.changes.length === 0 && !isTouch) return { unchanged: batch.results(NOWHERE) };
      written = batch.changes.length;
      sent = performance.now();
      const clock = now ? now() : null;
      const mark =
        written === 0
          ? markSession(session, clock)
          : writeBatch(session, batch, { now: clock, flatsFirst, onClockBack: on.onClockBack });
      return {
        mark,
        value(it) {
          if (written > 0) head = it.base + written;
          return batch.results(it);
        },
      };
    });
    on.onProblem(undefined);
    if (written > 0) {
      const ended = performance.now();
      on.onCommit({ edits: written, seconds: (ended - begun) / 1e3, syncSeconds: (ended - sent) / 1e3 });
    }
    const deferred = new Map(later.map((it) => [it.call, { value: held?.defer(it) }]));
    // A touch has no result of its own.
    const own = [...results];
    return works.map((it) => (it === 'touch' ? { value: undefined } : (deferred.get(it) ?? (own.shift() as Result))));
  }

  async function transact(works: readonly Work[]): Promise<readonly Result[]> {
    try {
      return await attempt(works, isLarge);
    } catch (error) {
      if (!isLarge || !isTooLate(error)) throw error;
      return attempt(works, false);
    }
  }

  /** Each in a transaction of its own: one of them has made the statement fail. */
  async function apart(works: readonly Work[]): Promise<readonly Result[]> {
    const results: Result[] = [];
    for (const work of works) {
      try {
        results.push(...(await transact([work])));
      } catch (error) {
        results.push({ error: toStorageError(error) });
      }
    }
    return results;
  }

  return {
    async commit(works) {
      try {
        return await transact(works);
      } catch (error) {
        if (!(error instanceof StatementError && isOfData(error)) || works.length === 1) throw error;
        return apart(works);
      }
    },
    waitsFor(error) {
      if (error instanceof ConnectionLostError) return `the database cannot be reached: ${error.message}`;
      return isContention(error) ? 'another writer keeps the database locked' : undefined;
    },
    async toError(error) {
      const problem = toStorageError(error);
      on.onProblem(problem);
      return problem;
    },
    rest() {},
    /** The seq of the newest change that it has committed. */
    head: () => head,
  };
}

/** Where nothing is written there is no place and no time. */
const NOWHERE: Mark = { base: 0, at: 0 };

/** Whether the values are at fault, not the storage. */
const isOfData = ({ code }: StatementError): boolean => /^2[23]/.test(code);
