import { requireInteger } from './flat-ref.ts';
import type { Given } from './given.ts';
import { MAX_ID } from './integer.ts';
import { isTitleSearch } from './intercom.ts';
import { LINES, type LinesPatch } from './lines.ts';
import type { FieldError } from './refusal.ts';

/** What is absent does not restrict; what is given must all hold. */
export interface FlatFilter {
  readonly intercomId?: number | undefined;
  readonly flat?: number | undefined;
  /** The least and the greatest flat number; both inclusive. */
  readonly flatFrom?: number | undefined;
  readonly flatTo?: number | undefined;
  readonly lines: LinesPatch;
  readonly keyCode?: string | undefined;
  readonly userLogin?: string | undefined;
  readonly userLoginPrefix?: string | undefined;
  /** Part of the intercom's title, in any case. */
  readonly intercomTitle?: string | undefined;
  /** Milliseconds since 1970, inclusive: the lines were last set at this moment or later. */
  readonly changedSince?: number | undefined;
}

/** A filter as a door read it: nothing is judged yet. */
export interface FlatFilterInput extends Omit<FlatFilter, 'intercomId'> {
  readonly intercomId: Given<number>;
}

/** Judges the shape alone; everything that is wrong with it comes back together. */
export function parseFlatFilter(input: FlatFilterInput): FlatFilter | readonly FieldError[] {
  const { intercomId, ...others } = input;
  const errors: FieldError[] = [];
  requireInteger(errors, 'intercomId', intercomId, MAX_ID);
  if (others.intercomTitle !== undefined && !isTitleSearch(others.intercomTitle)) {
    errors.push({ field: 'intercomTitle', code: 'TOO_SHORT' });
  }
  return errors.length > 0 ? errors : { ...others, intercomId: intercomId as number | undefined };
}

/** Whether a filter asks for nothing, and so leaves every flat. */
export const restrictsNothing = ({ lines, ...others }: FlatFilterInput): boolean =>
  LINES.every((line) => lines[line] === undefined) && Object.values(others).every((it) => it === undefined);

/** By intercom and flat number, or by the moment the lines were last set and then by record id. */
export const FLAT_ORDERS = ['INTERCOM', 'UPDATED'] as const;

export interface FlatSort {
  readonly by: (typeof FLAT_ORDERS)[number];
  readonly descending: boolean;
}

/** Where a flat stands: intercom id and number, or milliseconds since 1970 and record id, as the sort has it. */
export type FlatPlace = readonly [number, number];
