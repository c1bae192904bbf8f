import type { FlatOfSet } from './change.ts';
import { type IdInput, OTHER_TYPE } from './input.ts';
import { type FieldError, type Invalid, invalid } from './refusal.ts';
import { parseReason, type Update } from './update-flat.ts';

/** The undo of a change set, as a door parsed it, not validated yet. */
export interface UndoInput {
  readonly changeSet: IdInput;
  readonly reason?: string | undefined;
}

/** A valid one. */
export interface Undo {
  readonly changeSet: number;
  readonly reason: string | null;
}

/** Validates the shape only; returns all errors together. */
export function parseUndo({ changeSet, reason: given }: UndoInput): Undo | Invalid {
  const errors: FieldError[] = [];
  if (changeSet === OTHER_TYPE) errors.push({ field: 'changeSet', code: 'WRONG_ID_TYPE' });
  else if (typeof changeSet !== 'number') errors.push({ field: 'changeSet', code: 'NOT_FOUND' });
  const reason = parseReason(errors, given);
  return errors.length > 0 ? invalid(errors) : { changeSet: changeSet as number, reason };
}

/** The update that sets a flat back to what it was before the set, unless anything else changes it first. */
export const updateBack = ({ flatId, before }: FlatOfSet, version: number, reason: string | null): Update => ({
  ref: { by: 'id', flatId },
  patch: before,
  acceptedVersions: [version],
  reason,
});
