import { MAX_COUNT } from '../../../domain/page.ts';

/** How much one statement may read. */
export interface ReadLimits {
  /** A path that finds no more flats than this is read as a whole, and sorted where its order is another one. */
  readonly sorted: number;
  /** The most rows that are tested by one statement: some milliseconds, in which nobody else is served. */
  readonly window: number;
  /** The most rows that a list is counted up to. */
  readonly counted: number;
  /** The most rows that are tested for a count. */
  readonly testedToCount: number;
}

export const LIMITS: ReadLimits = { sorted: 10_000, window: 5_000, counted: MAX_COUNT, testedToCount: 200_000 };
