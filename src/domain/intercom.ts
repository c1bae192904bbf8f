/** A door panel. */
export interface Intercom {
  readonly id: number;
  readonly title: string;
  /** Its id in another system; unique among intercoms. */
  readonly externalId: string | null;
  /** The numbers that its flats may have, both inclusive; there may be gaps. `null` while it has no range. */
  readonly range: FlatRange | null;
}

export interface FlatRange {
  readonly from: number;
  readonly to: number;
}

export const sameIntercom = (a: Omit<Intercom, 'id'>, b: Omit<Intercom, 'id'>): boolean =>
  a.title === b.title &&
  a.externalId === b.externalId &&
  a.range?.from === b.range?.from &&
  a.range?.to === b.range?.to;

export const isWithin = (flat: number, range: FlatRange): boolean => flat >= range.from && flat <= range.to;

/** The range, or the least wider one that has the flat. */
export const widened = (range: FlatRange | null, flat: number): FlatRange =>
  range ? { from: Math.min(range.from, flat), to: Math.max(range.to, flat) } : { from: flat, to: flat };

/** The longest external id, in characters (Unicode code points). */
export const MAX_EXTERNAL_ID = 100;

export interface IntercomFilter {
  readonly id?: number | undefined;
  readonly externalId?: string | undefined;
  /** Part of the title, in any case. */
  readonly title?: string | undefined;
}

export const INTERCOM_ORDERS = ['ID', 'TITLE'] as const;

export interface IntercomSort {
  readonly by: (typeof INTERCOM_ORDERS)[number];
  readonly descending: boolean;
}

/** An intercom's position in a list: its folded title (empty when the sort is by id) and its id. */
export type IntercomPosition = readonly [string, number];

/** A title as it is searched and sorted, without regard to case, also in Cyrillic. */
export const foldTitle = (title: string): string => title.normalize('NFC').toLowerCase();

/** A title search looks at every intercom, so it has to say at least so many characters. */
export const MIN_TITLE_SEARCH = 3;

export const isTitleSearch = (text: string): boolean => [...text].length >= MIN_TITLE_SEARCH;
