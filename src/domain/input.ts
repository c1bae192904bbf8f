/** A value that was sent but could not be parsed as the type of its field. */
export const UNREADABLE = Symbol('unreadable');

/** A condition that was sent as null or an empty text, where that must not mean "no condition". */
export const EMPTY = Symbol('empty');

/** A condition of a filter as a door parsed it. */
export type ConditionInput<T> = Input<T> | typeof EMPTY;

/** A global id that names a record of another type than its field does. */
export const OTHER_TYPE = Symbol('id of another type');

/** Every key is required, so that a forgotten one does not compile; values may be undefined. */
export type Complete<T> = { readonly [Name in keyof Required<T>]: T[Name] };

/** A field as a door parsed it: a value, nothing, or something unreadable. */
export type Input<T> = T | undefined | typeof UNREADABLE;

/** A record id as a door parsed it. */
export type IdInput = Input<number> | typeof OTHER_TYPE;

/** Record ids stay exact in JSON numbers. */
export const MAX_ID = Number.MAX_SAFE_INTEGER;

/** Flat numbers fit a GraphQL Int. */
export const MAX_FLAT = 2 ** 31 - 1;

/** `10`, ` 10 ` and `+10` are whole numbers; `010`, `10.0`, `1e3`, `0x1A` and the empty text are not. */
export const WHOLE_NUMBER = /^\s*\+?(0|[1-9]\d*)\s*$/;

export const integerFromText = (text: string): number | undefined =>
  WHOLE_NUMBER.test(text) ? Number(text) : undefined;
