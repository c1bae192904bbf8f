import type { Flat } from './flat.ts';
import { type FlatRange, type Intercom, isWithin } from './intercom.ts';
import type { Lines } from './lines.ts';
import type { Link } from './link-change.ts';

/** The channels through which a change can come in. */
export const CHANNELS = ['GRAPHQL', 'REST', 'IMPORT', 'CLI'] as const;

export type Channel = (typeof CHANNELS)[number];

/** What a change can be of, beside lines. */
export const PROVISION_KINDS = [
  'FLAT_CREATED',
  'KEYS_ATTACHED',
  'KEYS_DETACHED',
  'USERS_ATTACHED',
  'USERS_DETACHED',
  'INTERCOM_CREATED',
  'INTERCOM_CHANGED',
  'INTERCOM_DELETED',
] as const;

export const CHANGE_KINDS = ['LINES_SET', ...PROVISION_KINDS] as const;

export type ProvisionKind = (typeof PROVISION_KINDS)[number];
export type ChangeKind = (typeof CHANGE_KINDS)[number];

/** The actor of a change, and its channel. */
export interface Origin {
  readonly actor: string;
  readonly channel: Channel;
}

/** What every row of the change log says. */
interface LogRow extends Origin {
  /** The position in the change log; it grows, and is never reused. */
  readonly seq: number;
  /** Milliseconds since 1970. */
  readonly changedAt: number;
  readonly reason: string | null;
  /** The change set that it belongs to: the seq of the first change of its call. */
  readonly changeSet: number;
  readonly intercomId: number;
}

/** What every row about one flat says. */
interface FlatRow extends LogRow {
  readonly flatId: number;
  readonly flat: number;
}

/** The lines of an existing flat were set. */
export interface LinesChange extends FlatRow {
  readonly kind: 'LINES_SET';
  readonly before: Lines;
  readonly after: Lines;
}

/** A flat was imported, with these lines, keys and users. Flats that come with a range are in the row of their intercom. */
export interface FlatCreation extends FlatRow {
  readonly kind: 'FLAT_CREATED';
  readonly lines: Lines;
  readonly keys: readonly string[];
  readonly users: readonly string[];
}

/** Keys or users of a flat; only those that it did not have yet, or had. */
export interface LinksChange extends FlatRow {
  readonly kind: 'KEYS_ATTACHED' | 'KEYS_DETACHED' | 'USERS_ATTACHED' | 'USERS_DETACHED';
  readonly names: readonly string[];
}

/** The kinds of such changes, by what is linked. */
export const LINK_KINDS = {
  keys: { attached: 'KEYS_ATTACHED', detached: 'KEYS_DETACHED' },
  users: { attached: 'USERS_ATTACHED', detached: 'USERS_DETACHED' },
} as const satisfies Readonly<Record<Link, Readonly<Record<'attached' | 'detached', LinksChange['kind']>>>>;

export type IntercomState = Omit<Intercom, 'id'>;

/** An intercom, and the flats that came or went with its range. */
export interface IntercomChange extends LogRow {
  readonly kind: 'INTERCOM_CREATED' | 'INTERCOM_CHANGED' | 'INTERCOM_DELETED';
  /** `null` when it was created. */
  readonly before: IntercomState | null;
  /** `null` when it was deleted. */
  readonly after: IntercomState | null;
  readonly flatsAdded: number;
  readonly flatsRemoved: number;
}

/** A change of anything but lines. */
export type ProvisionChange = FlatCreation | LinksChange | IntercomChange;

type WithoutPlace<T> = T extends unknown ? Omit<T, 'seq' | 'changedAt' | 'changeSet' | keyof Origin> : never;

/** One that is not in the log yet. */
export type ProvisionDraft = WithoutPlace<ProvisionChange>;

/** One row of the change log. */
export type Change = LinesChange | ProvisionChange;

/** An absent condition does not restrict; all given conditions must hold. */
export interface ChangeFilter {
  /** Lines alone when it is absent. */
  readonly kinds?: readonly ChangeKind[] | undefined;
  readonly intercomId?: number | undefined;
  readonly flatId?: number | undefined;
  /** Where that flat is: the rows of its intercom that created or removed flats of its number count, too. */
  readonly flatIn?: FlatNumber | undefined;
  /** Those of one call. */
  readonly changeSet?: number | undefined;
  readonly actor?: string | undefined;
  readonly channel?: Channel | undefined;
  /** Milliseconds since 1970; `from` is inclusive, `to` exclusive. */
  readonly from?: number | undefined;
  readonly to?: number | undefined;
}

/** What change sets are listed by: their actor and channel, and the moment of their first change. */
export type ChangeSetFilter = Pick<ChangeFilter, 'actor' | 'channel' | 'from' | 'to'>;

/** How large a change set is by now; it grows while its call runs. */
export interface ChangeSetSize {
  /** Its rows in the log, of all kinds. */
  readonly changes: number;
  /** The moment of its newest change. */
  readonly endedAt: number;
}

/** What a change set did to a flat, for its undo. */
export interface FlatOfSet {
  readonly flatId: number;
  /** The lines before the first change of the set. */
  readonly before: Lines;
  /** The seq of the first change of anything else since that; `undefined` when there is none. */
  readonly changedSince: number | undefined;
  /** The flat as it is now; `undefined` once it is deleted. */
  readonly now: Pick<Flat, 'version' | 'lines'> | undefined;
}

/** The number of a flat, on its intercom. */
export interface FlatNumber {
  readonly intercomId: number;
  readonly flat: number;
}

/** Whether flats of this number came or went with an intercom or its range. */
export function movesFlat({ before, after, flatsAdded, flatsRemoved }: IntercomChange, flat: number): boolean {
  const isIn = (range: FlatRange | null | undefined) => range != null && isWithin(flat, range);
  const [was, is] = [isIn(before?.range), isIn(after?.range)];
  return (flatsAdded > 0 && is && !was) || (flatsRemoved > 0 && was && !is);
}

/** A position in one change log. The epoch is the log's random id, so that a cursor of another log is recognized. */
export interface LogPosition {
  readonly epoch: string;
  /** The seq of the change at this position; 0 is the position before the first. */
  readonly seq: number;
}
