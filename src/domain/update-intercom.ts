import { newNumbers, orderErrors, parseEnd, sameRange, sizeErrors, totalSize } from './flat-range.ts';
import { type Input, MAX_ID } from './input.ts';
import type { FlatRange, Intercom } from './intercom.ts';
import { type IntercomRef, type IntercomRefInput, parseIntercomRef, refuseMissingIntercom } from './intercom-ref.ts';
import { ALL_AVAILABLE, type Lines, type LinesInput, parseLines, patchLines } from './lines.ts';
import { errorsOf, type FlatsInUse, type Invalid, invalid, isInvalid, refuseField } from './refusal.ts';
import { parseText } from './text.ts';
import { parseReason } from './update-flat.ts';

/** An update as a door parsed it, not validated yet. An absent value stays as it is; an unreadable one is refused. */
export interface IntercomUpdateInput extends IntercomRefInput {
  readonly title: Input<string>;
  /** `null` removes it. */
  readonly newExternalId: string | null | undefined;
  readonly flatFrom: Input<number>;
  readonly flatTo: Input<number>;
  readonly lines: LinesInput;
  readonly force: boolean;
  readonly reason: string | undefined;
}

/** A valid update; only what is stored can still refuse it. */
export interface IntercomUpdate {
  readonly kind: 'update';
  readonly ref: IntercomRef;
  readonly title: string | undefined;
  readonly externalId: string | null | undefined;
  readonly flatFrom: number | undefined;
  readonly flatTo: number | undefined;
  readonly lines: Lines;
  readonly force: boolean;
  readonly reason: string | null;
}

/** A deletion as a door parsed it, not validated yet. */
export interface IntercomDeletionInput extends IntercomRefInput {
  readonly force: boolean;
  readonly reason: string | undefined;
}

/** Deletes an intercom with its flats. */
export interface IntercomDeletion {
  readonly kind: 'delete';
  readonly ref: IntercomRef;
  readonly force: boolean;
  readonly reason: string | null;
}

/** A change of an existing intercom, as plain data. */
export type IntercomAmendment = IntercomUpdate | IntercomDeletion;

/** What an amendment would do to the intercom as it is now. */
export interface IntercomPlan {
  readonly kind: 'plan';
  readonly before: Intercom;
  /** `null` when the intercom is deleted. */
  readonly after: Intercom | null;
  /** The numbers that get a flat where they have none. */
  readonly added: readonly FlatRange[];
  /** Flats outside of this range are deleted; all of them when it is `null`, and none when it is `undefined`. */
  readonly stays: FlatRange | null | undefined;
  /** Of the flats that are added. */
  readonly lines: Lines;
  /** Flats are deleted even if they still have keys or users. */
  readonly force: boolean;
}

/** Stored facts that can refuse a plan. */
export interface IntercomFacts {
  /** The id of the intercom that has the external id of `after`. */
  readonly holder: number | undefined;
  /** The greatest record id that a flat has ever had; 0 before the first. */
  readonly lastFlatId: number;
  /** The flats to be deleted that still have keys or users; not asked for when the plan forces it. */
  readonly inUse: Pick<FlatsInUse, 'count' | 'flats'> | undefined;
}

/** Validates the shape only; returns all errors together. */
export function parseIntercomUpdate(input: IntercomUpdateInput): IntercomUpdate | Invalid {
  const ref = parseIntercomRef(input);
  const errors = errorsOf(ref);
  const { newExternalId, flatFrom, flatTo, force } = input;
  const title = input.title === undefined ? undefined : parseText(errors, { field: 'title' }, input.title);
  const externalId =
    typeof newExternalId === 'string' ? parseText(errors, { field: 'newExternalId' }, newExternalId) : newExternalId;
  const from = parseEnd(errors, 'flatFrom', flatFrom);
  const to = parseEnd(errors, 'flatTo', flatTo);
  if (from !== undefined && to !== undefined) errors.push(...orderErrors({ from, to }, 'flatTo'));
  const lines = patchLines(ALL_AVAILABLE, parseLines(errors, input.lines));
  const reason = parseReason(errors, input.reason);
  if (isInvalid(ref) || errors.length > 0) return invalid(errors);
  return { kind: 'update', ref, title, externalId, flatFrom: from, flatTo: to, lines, force, reason };
}

export function parseIntercomDeletion(input: IntercomDeletionInput): IntercomDeletion | Invalid {
  const ref = parseIntercomRef(input);
  const errors = errorsOf(ref);
  const reason = parseReason(errors, input.reason);
  return isInvalid(ref) || errors.length > 0 ? invalid(errors) : { kind: 'delete', ref, force: input.force, reason };
}

/** Plans an amendment of the intercom as it is now. Pure: it may run under a lock, and it may run again. */
export function planIntercomAmendment(
  amendment: IntercomAmendment,
  intercom: Intercom | undefined,
): IntercomPlan | Invalid {
  if (!intercom) return refuseMissingIntercom(amendment.ref);
  const { force } = amendment;
  const plan = { kind: 'plan', before: intercom, force } as const;
  if (amendment.kind === 'delete') return { ...plan, after: null, added: [], stays: null, lines: ALL_AVAILABLE };
  const { title = intercom.title, externalId = intercom.externalId, lines } = amendment;
  const range = rangeAfter(amendment, intercom.range);
  if (range && isInvalid(range)) return range;
  const after = { id: intercom.id, title, externalId, range };
  if (!range || sameRange(range, intercom.range)) return { ...plan, after, added: [], stays: undefined, lines };
  return { ...plan, after, added: newNumbers(range, intercom.range), stays: range, lines };
}

/**
 * The refusal of a plan because of what is stored, if any. Flats that still have keys or users are deleted only by force.
 */
export function refuseIntercomPlan(
  { after, added, force }: IntercomPlan,
  { holder, lastFlatId, inUse }: IntercomFacts,
): Invalid | FlatsInUse | undefined {
  if (after && holder !== undefined && holder !== after.id) return refuseField('newExternalId', 'TAKEN');
  if (after && lastFlatId + totalSize(added) > MAX_ID) return refuseField('flatTo', 'NO_ID_LEFT');
  return !force && inUse && inUse.count > 0 ? { kind: 'flatsInUse', ...inUse } : undefined;
}

/** The range with the ends that were sent; the other ones stay. */
function rangeAfter({ flatFrom, flatTo }: IntercomUpdate, now: FlatRange | null): FlatRange | null | Invalid {
  if (flatFrom === undefined && flatTo === undefined) return now;
  const from = flatFrom ?? now?.from;
  const to = flatTo ?? now?.to;
  if (from === undefined) return refuseField('flatFrom', 'REQUIRED');
  if (to === undefined) return refuseField('flatTo', 'REQUIRED');
  const sent = flatTo === undefined ? 'flatFrom' : 'flatTo';
  const errors = [...orderErrors({ from, to }, sent), ...sizeErrors({ from, to }, sent, now)];
  return errors.length > 0 ? invalid(errors) : { from, to };
}
