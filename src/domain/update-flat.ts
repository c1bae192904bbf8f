import type { Flat, Found, Missing } from './flat.ts';
import { type FlatRef, type FlatRefInput, parseFlatRef, requireInteger } from './flat-ref.ts';
import { type Input, MAX_ID } from './input.ts';
import { hasLines, type Lines, type LinesInput, type LinesPatch, parseLines, patchLines, sameLines } from './lines.ts';
import { errorsOf, type FieldError, type Invalid, invalid, isInvalid, type Refusal, refuseField } from './refusal.ts';
import { parseText } from './text.ts';

/** An update as a door parsed it, not validated yet. */
export interface UpdateInput extends FlatRefInput {
  readonly lines: LinesInput;
  readonly expectedVersion?: Input<number>;
  /** The versions that the update accepts; an empty list never matches. */
  readonly acceptedVersions?: readonly number[] | undefined;
  readonly reason?: string | undefined;
}

/** A valid update; only the present state of the flat can still refuse it. */
export interface Update {
  readonly ref: FlatRef;
  readonly patch: LinesPatch;
  readonly acceptedVersions: readonly number[] | undefined;
  readonly reason: string | null;
  /** The update applies only while the flat's lines are so; otherwise the flat is left as it is. */
  readonly onlyWhile?: LinesPatch;
}

/** The decision for a flat: keep it, write new lines, or refuse. */
export type Decision =
  | { readonly kind: 'keep'; readonly flat: Flat }
  | { readonly kind: 'write'; readonly flat: Flat; readonly lines: Lines; readonly reason: string | null }
  | { readonly kind: 'refuse'; readonly refusal: Refusal };

/** Validates the shape only; returns all errors together. */
export function parseUpdate(input: UpdateInput): Update | Invalid {
  const ref = parseFlatRef(input);
  const errors = errorsOf(ref);
  const patch = parseLines(errors, input.lines);
  requireInteger(errors, 'expectedVersion', input.expectedVersion, MAX_ID);
  const reason = parseReason(errors, input.reason);
  if (isInvalid(ref) || errors.length > 0) return invalid(errors);
  const acceptedVersions = typeof input.expectedVersion === 'number' ? [input.expectedVersion] : input.acceptedVersions;
  return { ref, patch, acceptedVersions, reason };
}

/** The reason as the change log stores it; null when it is empty. */
export const parseReason = (errors: FieldError[], given: string | undefined): string | null =>
  given === undefined || given.trim() === '' ? null : parseText(errors, { field: 'reason' }, given);

/** Decides on the flat as it is now. Pure: it may run under a lock, and it may run again. */
export function decideUpdate(update: Update, found: Found): Decision {
  if (found.kind !== 'flat') return { kind: 'refuse', refusal: refuseMissing(update.ref, found) };
  const { flat } = found;
  if (update.acceptedVersions && !update.acceptedVersions.includes(flat.version)) {
    return { kind: 'refuse', refusal: { kind: 'versionConflict', current: flat } };
  }
  if (update.onlyWhile && !hasLines(flat.lines, update.onlyWhile)) return { kind: 'keep', flat };
  const lines = patchLines(flat.lines, update.patch);
  return sameLines(lines, flat.lines) ? { kind: 'keep', flat } : { kind: 'write', flat, lines, reason: update.reason };
}

/** The refusal of a flat ref that names no flat. */
export function refuseMissing(ref: FlatRef, found: Missing): Invalid {
  switch (found.kind) {
    case 'noIntercom':
      return refuseField('intercomId', 'NOT_FOUND');
    case 'otherIntercom':
      return refuseField('flatId', 'WRONG_INTERCOM');
    case 'noFlat':
      return refuseField(ref.by === 'id' ? 'flatId' : 'flat', 'NOT_FOUND');
  }
}
