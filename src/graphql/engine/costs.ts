// What the fields of an answer count in its complexity, beside one for each field.

/** The assumed length of a list without pages: keys, users, lines. */
export const SHORT_LIST = 4;

/** The cost of a read, for a page or a count, beside its rows. */
export const READ = 10;

/** Counting everything takes as long as that many fields. */
export const COUNT_ALL = 5_000;

/** Part of a root field's definition: it counts everything. */
export const COUNTS_ALL = { extensions: { countsAll: true } };

/** Part of the definition of a connection's field that holds its rows: what stands in it counts for each of them. */
export const PER_ROW = { extensions: { perRow: true } };

/** So many characters of a text weigh as much as a field. */
export const CHARACTERS = 100;

/** Part of the definition of a field with a caller's text: its greatest length, in characters. */
export const textUpTo = (maxLength: number) => ({ extensions: { maxLength } });

// The descriptions of lists end with one of these.

export const PAGE_COST = `Counts as ${READ}, and what is asked of a row once for each row of the page.`;
export const ROW_COST = 'What is asked of a row counts once for each row of the page.';
export const SHORT_LIST_COST = `What is asked of an entry counts ${SHORT_LIST} times.`;
export const FIRST_COST = 'What is asked of an entry counts once for each that `first` lets in.';
export const ENTRY_COST = 'What is asked of an entry counts once for each entry that is sent.';
export const TOTAL_COST = `Counts as ${COUNT_ALL} in a list of the root, otherwise as ${READ}.`;
