import type { LinesPatch } from './lines.ts';

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

/** By intercom and flat number, or by the moment the lines were last set and then by record id. */
export const FLAT_ORDERS = ['INTERCOM', 'UPDATED'] as const;

export interface FlatSort {
  readonly by: (typeof FLAT_ORDERS)[number];
  readonly descending: boolean;
}

/** Where a flat stands: intercom id and number, or milliseconds since 1970 and record id, as the sort has it. */
export type FlatPlace = readonly [number, number];
