import { requireInteger } from './flat-ref.ts';
import { type Input, MAX_FLAT } from './input.ts';
import type { FlatRange } from './intercom.ts';
import { MAX_RANGE } from './limits.ts';
import type { FieldError } from './refusal.ts';

export const sizeOf = ({ from, to }: FlatRange): number => to - from + 1;

/** How many numbers the ranges have together. */
export const totalSize = (ranges: readonly FlatRange[]): number =>
  ranges.reduce((total, range) => total + sizeOf(range), 0);

export const sameRange = (a: FlatRange, b: FlatRange | null): boolean => a.from === b?.from && a.to === b.to;

const within = (inner: FlatRange, outer: FlatRange): boolean => inner.from >= outer.from && inner.to <= outer.to;

/** An end of a range that a caller sent; the error names it when the range is refused. */
export type RangeEnd = 'flatFrom' | 'flatTo';

/** The end as a number; adds an error when it was sent and is not a valid flat number. */
export function parseEnd(errors: FieldError[], field: RangeEnd, end: Input<number>): number | undefined {
  const before = errors.length;
  requireInteger(errors, field, end, MAX_FLAT);
  return errors.length > before ? undefined : (end as number | undefined);
}

/** Refuses a range that ends before it begins. */
export const orderErrors = ({ from, to }: FlatRange, sent: RangeEnd): readonly FieldError[] =>
  from <= to ? [] : [{ field: sent, code: 'INVALID_RANGE', other: sent === 'flatTo' ? 'flatFrom' : 'flatTo' }];

/** Refuses a range of too many flats. An import can still create one, and that may be narrowed step by step. */
export const sizeErrors = (range: FlatRange, sent: RangeEnd, now: FlatRange | null): readonly FieldError[] =>
  sizeOf(range) <= MAX_RANGE || (now && within(range, now)) ? [] : [{ field: sent, code: 'TOO_MANY' }];

/** The numbers of a range that were in none before, as up to two ranges. */
export function newNumbers(range: FlatRange, before: FlatRange | null): readonly FlatRange[] {
  if (!before) return [range];
  return [
    { from: range.from, to: Math.min(range.to, before.from - 1) },
    { from: Math.max(range.from, before.to + 1), to: range.to },
  ].filter((it) => it.from <= it.to);
}
