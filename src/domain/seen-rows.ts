import type { FlatRow, FlatRowError } from './flat-row.ts';

/** What the rows of one file have said so far. */
export interface SeenRows {
  /** Takes the row, or tells how it contradicts an earlier one; a row that does is not remembered. */
  add(row: FlatRow): readonly FlatRowError[];
}

/** The flat numbers in one word of bits; a word of 30 is still a small integer to the engine. */
const WORD = 30;

/**
 * A file may describe a flat once, and an intercom's title in one way: rows that contradict each other would change
 * things on every run.
 *
 * Files have millions of rows, so a flat is one bit. The words of bits lie by their place in the building first and by
 * intercom second: most intercoms share the same few places, and so no intercom costs a map of its own.
 */
export function seenRows(): SeenRows {
  const places = new Map<number, Map<number, number>>();
  const titles = new Map<number, string>();

  function wordsAt(place: number): Map<number, number> {
    let words = places.get(place);
    if (!words) {
      words = new Map();
      places.set(place, words);
    }
    return words;
  }

  return {
    add({ intercomId, intercomTitle, flat }) {
      const words = wordsAt(Math.floor(flat / WORD));
      const word = words.get(intercomId) ?? 0;
      const bit = 1 << (flat % WORD);
      const title = titles.get(intercomId);

      const errors: FlatRowError[] = [];
      if (word & bit) errors.push({ column: 'flat', reason: 'duplicate' });
      if (intercomTitle !== undefined && title !== undefined && title !== intercomTitle) {
        errors.push({ column: 'intercomTitle', reason: 'otherTitle' });
      }
      if (errors.length > 0) return errors;

      words.set(intercomId, word | bit);
      if (intercomTitle !== undefined && title === undefined) titles.set(intercomId, copyOf(intercomTitle));
      return errors;
    },
  };
}

/** A text cut out of a file is a view that keeps its whole piece of the file in memory; a copy does not. */
const copyOf = (text: string): string => [...text].join('');
