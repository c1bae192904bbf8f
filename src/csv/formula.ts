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

const DIGITS = /^[\s\d.,:/\\()%$\u20ac\u00a3\u20bd\u00a5'+-]*$/u;
/** `1e5`, `12E34567`, `1.5e-3`. */
const EXPONENT = /^[\d.,]+e[+-]?\d+$/i;
const MONTHS = 'jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|янв|фев|мар|апр|ма[йя]|июн|июл|авг|сен|окт|ноя|дек';
/** `1-Mar`, `MAR1`, `1 марта 2026`, `Sept 2`. */
const DATE = new RegExp(`^(?:\\d{1,4}[-./ ]?)?(?:${MONTHS})[a-zа-я]*[-./ ]?(?:\\d{1,4})?(?:[-./ ,]+\\d{1,4})?$`, 'i');
/** `10 pm`, `10:30 AM`. */
const TIME = /^\d{1,2}(?::\d{2}){0,2} ?[ap]m?$/i;
const WORD = /^(?:true|false|истина|ложь)$/i;

/** Whether a spreadsheet would take a text for a number, a date, a time or a boolean; in doubt, yes. */
const looksLikeNumber = (text: string): boolean =>
  (/\d/.test(text) && (DIGITS.test(text) || EXPONENT.test(text) || DATE.test(text) || TIME.test(text))) ||
  WORD.test(text);

/** What a spreadsheet writes of a long number: its last digits are lost. `12E34567` is none, since it has no sign. */
export const isDamagedNumber = (cell: string): boolean => /^[+-]?\d+(?:[.,]\d+)?e[+-]\d+$/i.test(cell);

/** `="0123"`, as some programs keep a spreadsheet from changing a text; the value would be stored with it. */
export const isTextFormula = (cell: string): boolean => cell.length > 2 && cell.startsWith('="') && cell.endsWith('"');
