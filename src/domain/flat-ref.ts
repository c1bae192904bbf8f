import { type IdInput, type Input, MAX_ID, OTHER_TYPE, UNREADABLE } from './input.ts';
import { type Field, type FieldError, type Invalid, invalid } from './refusal.ts';

/** Names a flat by its record id, or by its intercom's id and its number. */
export type FlatRef =
  | { readonly by: 'id'; readonly flatId: number; readonly intercomId?: number }
  | { readonly by: 'number'; readonly intercomId: number; readonly flat: number };

/** The three fields that can name a flat, as a door parsed them. */
export interface FlatRefInput {
  readonly intercomId: IdInput;
  readonly flat: Input<number>;
  readonly flatId: IdInput;
}

/**
 * The flat-versus-flat_id rule: a flat is named by `flatId`, or by `intercomId` and `flat`, never by both and never by
 * neither. Beside `flatId` an `intercomId` is allowed, and then the two must belong together.
 */
export function parseFlatRef(input: FlatRefInput): FlatRef | Invalid {
  const errors: FieldError[] = [];
  const { intercomId, flat, flatId } = input;

  if (flat !== undefined && flatId !== undefined) {
    errors.push(...eitherOf('flat', 'flatId', 'MUTUALLY_EXCLUSIVE'));
  }
  if (intercomId === undefined && flatId === undefined) errors.push({ field: 'intercomId', code: 'REQUIRED' });
  if (flat === undefined && flatId === undefined) {
    errors.push(...eitherOf('flat', 'flatId', 'REQUIRED'));
  }
  requireInteger(errors, 'intercomId', intercomId, MAX_ID);
  requireInteger(errors, 'flat', flat, MAX_ID);
  requireInteger(errors, 'flatId', flatId, MAX_ID);
  if (errors.length > 0) return invalid(errors);

  if (typeof flatId === 'number') {
    return typeof intercomId === 'number' ? { by: 'id', flatId, intercomId } : { by: 'id', flatId };
  }
  return { by: 'number', intercomId: intercomId as number, flat: flat as number };
}

/** The errors of two fields of which one, and only one, has to be sent. */
export const eitherOf = (a: Field, b: Field, code: 'REQUIRED' | 'MUTUALLY_EXCLUSIVE'): readonly FieldError[] => [
  { field: a, code, other: b },
  { field: b, code, other: a },
];

/** Adds an error when a value is there and is not a whole number from 1 to `max`. */
export function requireInteger(errors: FieldError[], field: Field, value: IdInput, max: number): void {
  if (value === undefined) return;
  if (value === OTHER_TYPE) {
    errors.push({ field, code: 'WRONG_ID_TYPE' });
  } else if (value === UNREADABLE || !Number.isInteger(value) || value < 1 || value > max) {
    errors.push({ field, code: 'INVALID_INTEGER' });
  }
}
