import { MAX_LENGTH } from './field-limits.ts';
import { UNREADABLE } from './given.ts';
import type { Field, FieldError } from './refusal.ts';

/** Why a text cannot be stored as a title or a name. */
export type TextFault = 'controlCharacter' | 'notUtf8' | 'tooLong';

/** What speaks against a text of at most `max` characters (Unicode code points). */
export function textFault(text: string, max: number): TextFault | undefined {
  if (/\p{Cc}/u.test(text)) return 'controlCharacter';
  if (text.includes('\ufffd')) return 'notUtf8';
  return text.length > max && (text.length > 2 * max || [...text].length > max) ? 'tooLong' : undefined;
}

/** The text as it is stored, without white space around it; adds an error when it cannot be. */
export function readText(
  errors: FieldError[],
  place: { readonly field: Field; readonly index?: number },
  given: string | typeof UNREADABLE,
): string {
  // What SQLite would store of a lone surrogate is U+FFFD.
  const text = given === UNREADABLE ? '' : given.toWellFormed().trim();
  const fault = textFault(text, MAX_LENGTH[place.field] ?? Number.POSITIVE_INFINITY);
  if (fault === 'tooLong') errors.push({ ...place, code: 'TOO_LONG' });
  else if (fault || text === '') errors.push({ ...place, code: 'INVALID_TEXT' });
  return text;
}
