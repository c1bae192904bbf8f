import { MAX_LOGIN } from '../domain/import-row.ts';
import type { Listed, Page } from '../domain/page.ts';

/** The part of a list that holds a page, in ascending order of positions; both ends are exclusive. */
export interface Span<Position> {
  readonly lower: Position | undefined;
  readonly upper: Position | undefined;
  /** Whether it is read from the upper end down. */
  readonly down: boolean;
}

export const spanOf = <Position>({ after, before, fromEnd }: Page<Position>, descending: boolean): Span<Position> =>
  descending ? { lower: before, upper: after, down: !fromEnd } : { lower: after, upper: before, down: fromEnd };

/** The page that was read, in the order of the list, out of up to one row more than it may have. */
export function listed<Row>(rows: readonly Row[], { limit, fromEnd }: Page<unknown>): Listed<Row> {
  const page = rows.slice(0, limit);
  return { rows: fromEnd ? page.reverse() : page, hasMore: rows.length > limit };
}

/** `where` with the conditions that are there, or nothing. */
export const where = (conditions: readonly string[]): string =>
  conditions.length > 0 ? ` where ${conditions.join(' and ')}` : '';

/** No key or login is longer than the prefix and so many of the greatest character, so that this is the last one with it. */
export const lastWithPrefix = (prefix: string): string => prefix + '\u{10ffff}'.repeat(MAX_LOGIN);
