import { requireInteger } from './flat-ref.ts';
import { type ConditionInput, EMPTY, type IdInput, MAX_ID } from './input.ts';
import { isTitleSearch } from './intercom.ts';
import { MAX_FLAT_IDS } from './limits.ts';
import { LINES, type Line, type LinesPatch } from './lines.ts';
import { type Field, type FieldError, type Invalid, invalid } from './refusal.ts';

/** An absent condition does not restrict; all given conditions must hold. */
export interface FlatFilter {
  /** One of these record ids; none when it is empty. */
  readonly flatIds?: readonly number[] | undefined;
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

/** The conditions that select buildings or flats; the others only look at lines. */
export type Narrowing = Exclude<keyof FlatFilter, 'lines'>;

/**
 * A filter as a door parsed it, not validated yet. Every condition has its key, so that a forgotten one does not compile.
 */
export type FlatFilterInput = {
  readonly [Name in Exclude<Narrowing, 'flatIds' | 'intercomId'>]: ConditionInput<NonNullable<FlatFilter[Name]>>;
} & {
  readonly flatIds: readonly IdInput[] | typeof EMPTY | undefined;
  readonly intercomId: IdInput | typeof EMPTY;
} & { readonly lines: Readonly<Record<Line, ConditionInput<boolean>>> };

/** Validates the shape only; returns all errors together. */
export function parseFlatFilter(input: FlatFilterInput): FlatFilter | Invalid {
  const { lines, ...narrowing } = input;
  const errors: FieldError[] = [];
  for (const [name, value] of [...Object.entries(narrowing), ...Object.entries(lines)]) {
    if (value === EMPTY) errors.push({ field: name as Field, code: 'EMPTY_CONDITION' });
  }
  if (input.intercomId !== EMPTY) requireInteger(errors, 'intercomId', input.intercomId, MAX_ID);
  if (typeof input.flatIds === 'object') errors.push(...errorsOfIds('flatIds', input.flatIds));
  const { flatFrom, flatTo, intercomTitle } = input;
  if (typeof flatFrom === 'number' && typeof flatTo === 'number' && flatFrom > flatTo) {
    errors.push({ field: 'flatTo', code: 'INVALID_RANGE', other: 'flatFrom' });
  }
  if (typeof intercomTitle === 'string' && !isTitleSearch(intercomTitle)) {
    errors.push({ field: 'intercomTitle', code: 'TOO_SHORT' });
  }
  if (errors.length > 0) return invalid(errors);
  const wanted = Object.entries(lines).filter(([, value]) => value !== undefined);
  return { ...(narrowing as Omit<FlatFilter, 'lines'>), lines: Object.fromEntries(wanted) };
}

/** The errors of a list of record ids of flats. */
export function errorsOfIds(field: 'flatIds' | 'exceptFlatIds', flatIds: readonly IdInput[]): readonly FieldError[] {
  if (flatIds.length > MAX_FLAT_IDS) return [{ field, code: 'TOO_MANY' }];
  return flatIds.flatMap((id, index) => {
    const errors: FieldError[] = [];
    requireInteger(errors, field, id, MAX_ID);
    return errors.map((error) => ({ ...error, index }));
  });
}

/** Whether a filter selects buildings or flats, not only states of lines. */
export const narrows = ({ lines: _, ...narrowing }: FlatFilterInput): boolean =>
  Object.values(narrowing).some((it) => it !== undefined);

/** Whether a filter has a condition on lines. */
export const asksForLines = ({ lines }: FlatFilterInput): boolean => LINES.some((line) => lines[line] !== undefined);

/** By intercom and flat number, or by the moment the lines were last set and then by record id. */
export const FLAT_ORDERS = ['INTERCOM', 'UPDATED'] as const;

export interface FlatSort {
  readonly by: (typeof FLAT_ORDERS)[number];
  readonly descending: boolean;
}

/** A flat's position in a list: intercom id and number, or milliseconds since 1970 and record id, by the sort order. */
export type FlatPosition = readonly [number, number];
