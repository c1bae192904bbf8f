import { UNREADABLE } from './input.ts';
import { MAX_LENGTH } from './limits.ts';
import type { Field, FieldError } from './refusal.ts';

/** Why a text cannot be stored. */
export type TextFault = 'controlCharacter' | 'notUtf8' | 'tooLong';

/** Why a key code or login cannot be stored. Two names that look alike would be a security hole. */
export type NameFault = TextFault | 'invisibleCharacter';

/**
 * The problem of a text of one line of at most `max` characters (Unicode code points), if any: the one check for all texts.
 */
export function textFault(text: string, max: number): TextFault | undefined {
  if (/\p{Cc}/u.test(text)) return 'controlCharacter';
  if (text.includes('\ufffd')) return 'notUtf8';
  return text.length > max && (text.length > 2 * max || [...text].length > max) ? 'tooLong' : undefined;
}

/** The problem of a key code or a login, if any. */
export function nameFault(name: string, max: number): NameFault | undefined {
  if (/[\p{Default_Ignorable_Code_Point}\p{Zl}\p{Zp}]/u.test(name)) return 'invisibleCharacter';
  return textFault(name, max);
}

/** The text as it is stored, trimmed; adds an error when it is not valid. */
export function parseText(
  errors: FieldError[],
  at: { readonly field: Field; readonly index?: number },
  given: string | typeof UNREADABLE,
  faultOf: (text: string, max: number) => NameFault | undefined = textFault,
): string {
  // What SQLite would store of a lone surrogate is U+FFFD.
  const text = given === UNREADABLE ? '' : given.toWellFormed().trim();
  const fault = faultOf(text, MAX_LENGTH[at.field] ?? Number.POSITIVE_INFINITY);
  if (fault === 'tooLong') errors.push({ ...at, code: 'TOO_LONG' });
  else if (fault || text === '') errors.push({ ...at, code: 'INVALID_TEXT' });
  return text;
}
