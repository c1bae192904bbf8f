/** What begins a formula in a spreadsheet, also when it is typed in full width. */
const FORMULA = '=+@\\-\\t\\r\uff1d\uff0b\uff20\uff0d';
const RISKY = new RegExp(`^['${FORMULA}]`);
const NEUTRAL = new RegExp(`^'(?=['${FORMULA}])`);

/**
 * A text that no spreadsheet runs: an apostrophe stands before what would be a formula. A text that begins with an
 * apostrophe itself gets one, too, so that `plainText` gives every text back.
 */
export const neutralText = (text: string): string => (RISKY.test(text) ? `'${text}` : text);

/** The text of a cell without the apostrophe of `neutralText`; one that stands before anything else is a part of it. */
export const plainText = (cell: string): string => (NEUTRAL.test(cell) ? cell.slice(1) : cell);
