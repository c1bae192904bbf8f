import { looksLikeNumber } from './looks-like-number.ts';

/** What begins a formula in a spreadsheet, also when it is typed in full width; an apostrophe begins what is none. */
const FORMULA = /^['=+@\-\t\r\uff1d\uff0b\uff20\uff0d]/;

/** Whether a spreadsheet would make something else of a text: the result of a formula, a number or a date. */
const isRisky = (text: string): boolean => FORMULA.test(text) || looksLikeNumber(text);

/**
 * A text that a spreadsheet leaves as it is: an apostrophe stands before what it would change. A text that begins with an
 * apostrophe itself gets one, too, so that `plainText` gives every text back.
 */
export const neutralText = (text: string): string => (isRisky(text) ? `'${text}` : text);

/** The text of a cell without the apostrophe of `neutralText`; one that stands before anything else is a part of it. */
export const plainText = (cell: string): string =>
  cell.startsWith("'") && isRisky(cell.slice(1)) ? cell.slice(1) : cell;
