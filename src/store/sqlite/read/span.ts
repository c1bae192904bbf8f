import type { Listed, Page } from '../../../domain/page.ts';

/** The part of a list that a page is taken from, by the ascending order of its places; both ends are exclusive. */
export interface Span<Place> {
  readonly lower: Place | undefined;
  readonly upper: Place | undefined;
  /** Whether it is read from the upper end down. */
  readonly down: boolean;
}

export const spanOf = <Place>({ after, before, fromEnd }: Page<Place>, descending: boolean): Span<Place> =>
  descending ? { lower: before, upper: after, down: !fromEnd } : { lower: after, upper: before, down: fromEnd };

/** The page that was read, in the order of the list, out of up to one row more than it may have. */
export function listed<Row>(rows: readonly Row[], { limit, fromEnd }: Page<unknown>): Listed<Row> {
  const page = rows.slice(0, limit);
  return { rows: fromEnd ? page.reverse() : page, hasMore: rows.length > limit };
}
