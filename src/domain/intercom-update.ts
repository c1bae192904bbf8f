import { orderErrors, readEnd, sizeErrors } from './flat-range.ts';
import type { Given } from './given.ts';
import { type GivenLines, readLines } from './given-lines.ts';
import type { FlatRange, Intercom } from './intercom.ts';
import { type IntercomRef, type IntercomRefInput, parseIntercomRef, refuseMissingIntercom } from './intercom-ref.ts';
import { ALL_AVAILABLE, type Lines, patchLines } from './lines.ts';
import { type FieldError, type Invalid, refuseField } from './refusal.ts';
import { readText } from './text.ts';

/** An update as a door read it: nothing is judged yet. What is absent stays as it is; what is unreadable is refused. */
export interface IntercomUpdateInput extends IntercomRefInput {
  readonly title: Given<string>;
  /** `null` takes it away. */
  readonly newExternalId: string | null | undefined;
  readonly flatFrom: Given<number>;
  readonly flatTo: Given<number>;
  readonly lines: GivenLines;
  readonly force: boolean;
}

/** An update whose shape is good; only what the intercom is now can still speak against it. */
export interface IntercomUpdate {
  readonly ref: IntercomRef;
  readonly title: string | undefined;
  readonly externalId: string | null | undefined;
  readonly flatFrom: number | undefined;
  readonly flatTo: number | undefined;
  readonly lines: Lines;
  readonly force: boolean;
}

export interface IntercomWrite {
  readonly kind: 'write';
  readonly before: Intercom;
  readonly after: Intercom;
  /** Of the flats that come. */
  readonly lines: Lines;
  /** Flats go even if they still have keys or users. */
  readonly force: boolean;
}

export interface IntercomDeletion {
  readonly kind: 'delete';
  readonly intercom: Intercom;
  /** Flats go even if they still have keys or users. */
  readonly force: boolean;
}

/** What shall become of an intercom: another state, its end, or a no. */
export type IntercomDecision =
  | IntercomWrite
  | IntercomDeletion
  | { readonly kind: 'refuse'; readonly refusal: Invalid };

/** Judges the shape alone; everything that is wrong with it comes back together. */
export function parseIntercomUpdate(input: IntercomUpdateInput): IntercomUpdate | Invalid {
  const ref = parseIntercomRef(input);
  const errors: FieldError[] = 'by' in ref ? [] : [...ref];
  const { newExternalId, flatFrom, flatTo, force } = input;
  const title = input.title === undefined ? undefined : readText(errors, { field: 'title' }, input.title);
  const externalId =
    typeof newExternalId === 'string' ? readText(errors, { field: 'newExternalId' }, newExternalId) : newExternalId;
  const from = readEnd(errors, 'flatFrom', flatFrom);
  const to = readEnd(errors, 'flatTo', flatTo);
  if (from !== undefined && to !== undefined) errors.push(...orderErrors({ from, to }, 'flatTo'));
  const lines = patchLines(ALL_AVAILABLE, readLines(errors, input.lines));
  if (errors.length > 0 || !('by' in ref)) return { kind: 'invalid', errors };
  return { ref, title, externalId, flatFrom: from, flatTo: to, lines, force };
}

/** Decides on the intercom as it is now. Pure: it may run under a lock, and it may run again. */
export function decideIntercomUpdate(update: IntercomUpdate, intercom: Intercom | undefined): IntercomDecision {
  if (!intercom) return { kind: 'refuse', refusal: refuseMissingIntercom(update.ref) };
  const { title = intercom.title, externalId = intercom.externalId, lines, force } = update;
  const range = rangeAfter(update, intercom.range);
  if (range && 'kind' in range) return { kind: 'refuse', refusal: range };
  return { kind: 'write', before: intercom, after: { id: intercom.id, title, externalId, range }, lines, force };
}

/** Decides on the intercom as it is now. As everywhere, flats that still have keys or users go only by force. */
export const decideIntercomDeletion = (
  ref: IntercomRef,
  force: boolean,
  intercom: Intercom | undefined,
): IntercomDecision =>
  intercom ? { kind: 'delete', intercom, force } : { kind: 'refuse', refusal: refuseMissingIntercom(ref) };

/** The range with the ends that were sent; the other ones stay. */
function rangeAfter({ flatFrom, flatTo }: IntercomUpdate, now: FlatRange | null): FlatRange | null | Invalid {
  if (flatFrom === undefined && flatTo === undefined) return now;
  const from = flatFrom ?? now?.from;
  const to = flatTo ?? now?.to;
  if (from === undefined) return refuseField('flatFrom', 'REQUIRED');
  if (to === undefined) return refuseField('flatTo', 'REQUIRED');
  const sent = flatTo === undefined ? 'flatFrom' : 'flatTo';
  const errors = [...orderErrors({ from, to }, sent), ...sizeErrors({ from, to }, sent, now)];
  return errors.length > 0 ? { kind: 'invalid', errors } : { from, to };
}
