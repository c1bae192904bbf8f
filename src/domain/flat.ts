import type { Lines } from './lines.ts';

/** One apartment on one intercom. */
export interface Flat {
  /** The record id. */
  readonly id: number;
  /** The apartment's number, unique within its intercom. */
  readonly flat: number;
  readonly intercomId: number;
  /** Keys linked to the flat. */
  readonly keyCount: number;
  /** Users attached to the flat. */
  readonly usersCount: number;
  readonly lines: Lines;
  /** Starts at 1 and grows by 1 with every change of lines. */
  readonly version: number;
  /** When the lines were last set, in milliseconds since 1970. */
  readonly updatedAt: number;
}

/** What a store finds under a flat ref. A missing intercom is reported before anything about its flat. */
export type Found = { readonly kind: 'flat'; readonly flat: Flat } | Missing;

export type Missing =
  | { readonly kind: 'noIntercom' }
  | { readonly kind: 'noFlat' }
  | { readonly kind: 'otherIntercom' };
