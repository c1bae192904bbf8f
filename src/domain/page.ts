/** A page of a list: up to `limit` rows after one position and before another, from either end of that span. */
export interface Page<Position> {
  readonly limit: number;
  /** Takes the last rows of the span instead of the first. */
  readonly fromEnd: boolean;
  /** Both are exclusive; the row at a position need not exist any more. */
  readonly after?: Position | undefined;
  readonly before?: Position | undefined;
}

/** The rows of a page, always in the order of the list. */
export interface Listed<Row> {
  readonly rows: readonly Row[];
  /** Whether the span has more rows beyond this page, in the direction of reading. */
  readonly hasMore: boolean;
}

/** How many rows there are; where that is not exact, there are at least so many. */
export interface Counted {
  readonly count: number;
  readonly isExact: boolean;
}

/** The most rows that a list is counted up to. */
export const MAX_COUNT = 10_000;

/** What is known when up to `most + 1` rows were looked for. */
export const countedUpTo = (found: number, most: number): Counted => ({
  count: Math.min(found, most),
  isExact: found <= most,
});
