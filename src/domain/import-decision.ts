import type { FlatRow, FlatRowError, Row } from './import-row.ts';
import { MAX_ID } from './input.ts';
import { type FlatRange, type Intercom, isWithin, sameIntercom, widened } from './intercom.ts';

/** The outcome for a row's intercom. A range that follows the flats does not count as a change. */
export type IntercomOutcome = 'created' | 'changed' | 'same';

/** Stored facts that can refuse a row's intercom; queried only where they matter. */
export interface IntercomRowFacts {
  /** Whether another intercom has the external id. */
  isTaken(externalId: string): boolean;
  /** Whether the intercom has flats below a number, or above it. */
  hasFlatBelow(intercomId: number, flat: number): boolean;
  hasFlatAbove(intercomId: number, flat: number): boolean;
}

/** The row's intercom after the import, or the reason why the row is refused. */
export type IntercomRowDecision =
  | { readonly kind: IntercomOutcome; readonly intercom: Intercom }
  | { readonly kind: 'refused'; readonly error: FlatRowError };

/** Decides on the intercom that a row names, which is `undefined` while there is none. Pure apart from the facts. */
export function decideIntercomRow(row: Row, known: Intercom | undefined, facts: IntercomRowFacts): IntercomRowDecision {
  const intercom: Intercom = {
    id: row.intercomId,
    title: row.intercomTitle ?? known?.title ?? `Intercom ${row.intercomId}`,
    externalId: row.intercomExternalId ?? known?.externalId ?? null,
    range: row.intercomRange ?? known?.range ?? null,
  };
  const kind = known ? (sameIntercom(known, intercom) ? 'same' : 'changed') : 'created';
  const error = kind === 'same' ? undefined : errorOf(intercom, known, facts);
  return error ? { kind: 'refused', error } : { kind, intercom };
}

function errorOf(
  { id, externalId, range }: Intercom,
  known: Intercom | undefined,
  facts: IntercomRowFacts,
): FlatRowError | undefined {
  if (externalId !== null && externalId !== known?.externalId && facts.isTaken(externalId)) {
    return { column: 'intercomExternalId', reason: 'externalIdTaken' };
  }
  if (!known || !range) return undefined;
  if (range.from !== known.range?.from && facts.hasFlatBelow(id, range.from)) {
    return { column: 'intercomFlatFrom', reason: 'flatsOutside' };
  }
  if (range.to !== known.range?.to && facts.hasFlatAbove(id, range.to)) {
    return { column: 'intercomFlatTo', reason: 'flatsOutside' };
  }
  return undefined;
}

/** The range of an intercom once it has a flat of this number; `undefined` when the range holds the number already. */
export const rangeWith = (range: FlatRange | null, flat: number): FlatRange | undefined =>
  range && isWithin(flat, range) ? undefined : widened(range, flat);

/** The record id of the flat that a row names: of the one that exists, or the next one, or the one that the row asks for. */
export type FlatIdDecision =
  | { readonly kind: 'existing' | 'new'; readonly flatId: number }
  | { readonly kind: 'refused'; readonly error: FlatRowError };

/** Stored facts about record ids. */
export interface FlatIdFacts {
  /** The record id of the flat under the row's number. */
  readonly known: number | undefined;
  /** The least id above every id that a flat ever had. */
  readonly nextId: number;
  isUsed(flatId: number): boolean;
}

export function decideFlatId({ flatId }: FlatRow, { known, nextId, isUsed }: FlatIdFacts): FlatIdDecision {
  if (known !== undefined) {
    return flatId !== undefined && flatId !== known
      ? { kind: 'refused', error: { column: 'flatId', reason: 'otherFlatId' } }
      : { kind: 'existing', flatId: known };
  }
  if (flatId !== undefined && flatId < nextId && isUsed(flatId)) {
    return { kind: 'refused', error: { column: 'flatId', reason: 'flatIdTaken' } };
  }
  const id = flatId ?? nextId;
  // A row may take the last id there is; nothing comes after it.
  return id > MAX_ID ? { kind: 'refused', error: { column: 'flat', reason: 'noIdLeft' } } : { kind: 'new', flatId: id };
}

/** The outcome of a row: of its flat, or of its intercom when the row has no flat. */
export type RowOutcome =
  | { readonly kind: 'created'; readonly flatId: number; readonly intercom: IntercomOutcome }
  | {
      readonly kind: 'existing';
      readonly flatId: number;
      readonly intercom: IntercomOutcome;
      readonly linksChanged: boolean;
    }
  | { readonly kind: 'intercom'; readonly intercom: IntercomOutcome }
  | { readonly kind: 'refused'; readonly error: FlatRowError };
