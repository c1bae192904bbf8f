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
  'TOO_SHORT',
  'INVALID_TEXT',
  'INVALID_RANGE',
  'TOO_MANY',
  'TAKEN',
  'NO_ID_LEFT',
  'EMPTY_CONDITION',
  'NOT_NARROWED',
] as const;

export type FieldErrorCode = (typeof FIELD_ERROR_CODES)[number];

/** The fields of every input, in the domain's spelling; each door has its own. */
export type Field =
  | ('intercomId' | 'flat' | 'flatId' | Line | 'expectedVersion' | 'reason')
  | ('title' | 'externalId' | 'newExternalId' | 'flatFrom' | 'flatTo' | 'keys' | 'users')
  | ('filter' | 'all' | 'keyCode' | 'userLogin' | 'userLoginPrefix' | 'intercomTitle' | 'changedSince');

export interface FieldError {
  readonly field: Field;
  readonly code: FieldErrorCode;
  /** The field that this one stands in. */
  readonly within?: 'filter';
  /** Which entry of a list is meant, from 0; absent where the field as a whole is. */
  readonly index?: number;
  /** The field that the rule holds this one against: what can be sent in its place, or the other end of a range. */
  readonly other?: Field;
}

/** Everything that is wrong with an input. */
export interface Invalid {
  readonly kind: 'invalid';
  readonly errors: readonly FieldError[];
}

/** An answer that says no: the rules refused an update of lines. */
export type Refusal = Invalid | { readonly kind: 'versionConflict'; readonly current: Flat };

/** Flats that would be deleted still have keys or users. */
export interface FlatsInUse {
  readonly kind: 'flatsInUse';
  readonly count: number;
  /** The first of them, by number. */
  readonly flats: readonly Flat[];
}

export const refuseField = (field: Field, code: FieldErrorCode): Invalid => ({
  kind: 'invalid',
  errors: [{ field, code }],
});
