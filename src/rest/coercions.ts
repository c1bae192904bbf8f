import { type Input, integerFromText, MAX_ID, UNREADABLE, WHOLE_NUMBER } from '../domain/input.ts';

/** How the value of a field is read, and the values that the rules accept, as JSON Schema; they stand side by side. */
export interface Coercion<T> {
  readonly read: (value: unknown) => Input<T>;
  readonly accepts: readonly object[];
}

// What old callers really send: numbers as text, switches as 1 and 0. Whether a number fits is for the rules to say, not
// for the coercion.
const BLANK = /^\s*$/;

/** `null` and the empty text stand for an absent number. */
export const ABSENT: readonly object[] = [{ type: 'null' }, { type: 'string', pattern: BLANK.source }];

export const INTEGER: Coercion<number> = {
  read(value) {
    if (value === null) return undefined;
    if (typeof value === 'number') return Number.isSafeInteger(value) ? value : UNREADABLE;
    if (typeof value !== 'string') return UNREADABLE;
    return BLANK.test(value) ? undefined : (integerFromText(value) ?? UNREADABLE);
  },
  accepts: [
    { type: 'integer', minimum: 1, maximum: MAX_ID },
    // What does not fit as a number does not fit as text.
    { type: 'string', pattern: WHOLE_NUMBER.source, not: { pattern: '^\\s*\\+?(0|[1-9]\\d{16,})\\s*$' } },
  ],
};

export const SWITCH: Coercion<boolean> = {
  read(value) {
    if (value === true || value === 1 || value === '1') return true;
    return value === false || value === 0 || value === '0' ? false : UNREADABLE;
  },
  accepts: [{ type: 'boolean' }, { enum: [1, '1'] }, { enum: [0, '0'] }],
};

// The classes spell out what a flag would say, since JSON Schema has none.
const TRUE = /^[Tt][Rr][Uu][Ee]$/;
const FALSE = /^[Ff][Aa][Ll][Ss][Ee]$/;

/** A form has only text, in which switches may be words, too. */
export const FORM_SWITCH: Coercion<boolean> = {
  read(value) {
    if (typeof value !== 'string') return SWITCH.read(value);
    return TRUE.test(value) || (FALSE.test(value) ? false : SWITCH.read(value));
  },
  accepts: [...SWITCH.accepts, ...[TRUE, FALSE].map((it) => ({ type: 'string', pattern: it.source }))],
};
