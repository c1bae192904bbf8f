import type { Flat } from './flat.ts';
import type { Line } from './lines.ts';

/** Everything that the rules can say of a field. */
export const FIELD_ERROR_CODES = [
  'REQUIRED',
  'MUTUALLY_EXCLUSIVE',
  'INVALID_INTEGER',
  'INVALID_BOOLEAN',
  'NOT_FOUND',
  'WRONG_INTERCOM',
  'TOO_LONG',
] as const;

export type FieldErrorCode = (typeof FIELD_ERROR_CODES)[number];

/** The fields of an update, in the domain's spelling; each door has its own. */
export type Field = 'intercomId' | 'flat' | 'flatId' | Line | 'expectedVersion' | 'reason';

export interface FieldError {
  readonly field: Field;
  readonly code: FieldErrorCode;
}

/** An answer that says no: the rules refused the input. */
export type Refusal =
  | { readonly kind: 'invalid'; readonly errors: readonly FieldError[] }
  | { readonly kind: 'versionConflict'; readonly current: Flat };

export const refuseField = (field: Field, code: FieldErrorCode): Refusal => ({
  kind: 'invalid',
  errors: [{ field, code }],
});
