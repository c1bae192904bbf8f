import { looksLikeNumber } from './looks-like-number.ts';

/** The first characters of a formula in a spreadsheet, also in full width; an apostrophe prevents one. */
const FORMULA = /^['=+@\-\t\r\uff1d\uff0b\uff20\uff0d]/;

/** Whether a spreadsheet would convert a text: to the result of a formula, a number or a date. */
const isRisky = (text: string): boolean => FORMULA.test(text) || looksLikeNumber(text);

/**
 * A text that a spreadsheet leaves unchanged: an apostrophe is put before what it would convert, and before a text that
 * begins with one, so that `plainText` restores every text.
 */
export const neutralText = (text: string): string => (isRisky(text) ? `'${text}` : text);

/** The text of a cell without the apostrophe of `neutralText`; one that stands before anything else is a part of it. */
export const plainText = (cell: string): string =>
  cell.startsWith("'") && isRisky(cell.slice(1)) ? cell.slice(1) : cell;
