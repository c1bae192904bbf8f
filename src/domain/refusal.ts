import type { Flat } from './flat.ts';
import type { Line } from './lines.ts';

/** Every error that the rules report for a field. */
export const FIELD_ERROR_CODES = [
  'REQUIRED',
  'MUTUALLY_EXCLUSIVE',
  'INVALID_INTEGER',
  'WRONG_ID_TYPE',
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
  'EXCEEDED',
  'PRUNED',
] as const;

export type FieldErrorCode = (typeof FIELD_ERROR_CODES)[number];

/** The fields of every input, by the domain's names; each door has its own spelling. */
export type Field =
  | ('intercomId' | 'flat' | 'flatId' | Line | 'expectedVersion' | 'reason')
  | ('title' | 'externalId' | 'newExternalId' | 'flatFrom' | 'flatTo' | 'keys' | 'users')
  | ('filter' | 'all' | 'flatIds' | 'keyCode' | 'userLogin' | 'userLoginPrefix' | 'intercomTitle' | 'changedSince')
  | ('changeSet' | 'atMost' | 'exceptFlatIds');

export interface FieldError {
  readonly field: Field;
  readonly code: FieldErrorCode;
  /** The field that contains this one. */
  readonly within?: 'filter';
  /** The index of the entry in a list, from 0; absent where the error is about the whole field. */
  readonly index?: number;
  /** The other field of the rule: the alternative to this one, or the other end of a range. */
  readonly other?: Field;
}

/** Everything that is wrong with an input. */
export interface Invalid {
  readonly kind: 'invalid';
  readonly errors: readonly FieldError[];
}

/** The rules refused an update of lines. */
export type Refusal = Invalid | { readonly kind: 'versionConflict'; readonly current: Flat };

/** Flats that would be deleted still have keys or users. */
export interface FlatsInUse {
  readonly kind: 'flatsInUse';
  readonly count: number;
  /** The first of them, by number. */
  readonly flats: readonly Flat[];
}

export const invalid = (errors: readonly FieldError[]): Invalid => ({ kind: 'invalid', errors });

export const refuseField = (field: Field, code: FieldErrorCode): Invalid => invalid([{ field, code }]);

/** Whether a parser has refused its input: every one returns its value or `Invalid`. */
export const isInvalid = <T extends object>(parsed: T | Invalid): parsed is Invalid =>
  'kind' in parsed && parsed.kind === 'invalid';

/** The errors of a parsed part, to be extended with those of other parts. */
export const errorsOf = (parsed: object): FieldError[] => (isInvalid(parsed) ? [...parsed.errors] : []);
