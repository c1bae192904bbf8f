import type { FlatRowError, Row } from './import-row.ts';
import { type FlatRange, isWithin } from './intercom.ts';

/** What the rows of one file have described so far. */
export interface SeenRows {
  /** Takes the row, or returns how it contradicts an earlier one; a row that does is not remembered. */
  add(row: Row): readonly FlatRowError[];
}

/** The flat numbers in one word of bits; a word of 30 is still a small integer to the engine. */
const WORD = 30;

/** What a file describes of one intercom. */
interface Said {
  title?: string;
  externalId?: string;
  range?: FlatRange;
}

const NOTHING: Said = {};

/**
 * A file may describe a flat once, and an intercom in one way: rows that contradict each other would change things on
 * every run.
 *
 * Files have millions of rows, so a flat is one bit. The words of bits lie by their slot in the building first and by
 * intercom second: most intercoms share the same few slots, and so no intercom costs a map of its own.
 */
export function createSeenRows(): SeenRows {
  const slots = new Map<number, Map<number, number>>();
  const intercoms = new Map<number, Said>();

  function wordsAt(slot: number): Map<number, number> {
    let words = slots.get(slot);
    if (!words) {
      words = new Map();
      slots.set(slot, words);
    }
    return words;
  }

  return {
    add(row) {
      const { intercomId, flat } = row;
      const said = intercoms.get(intercomId);
      const errors = contradictions(row, said ?? NOTHING);
      if (flat === undefined) {
        if (errors.length === 0) remember(intercoms, row, said);
        return errors;
      }
      const words = wordsAt(Math.floor(flat / WORD));
      const word = words.get(intercomId) ?? 0;
      const bit = 1 << (flat % WORD);
      if (word & bit) errors.unshift({ column: 'flat', reason: 'duplicate' });
      if (errors.length > 0) return errors;

      words.set(intercomId, word | bit);
      remember(intercoms, row, said);
      return errors;
    },
  };
}

function contradictions({ flat, intercomTitle, intercomExternalId, intercomRange }: Row, said: Said): FlatRowError[] {
  const errors: FlatRowError[] = [];
  const range = intercomRange ?? said.range;
  if (flat !== undefined && range && !isWithin(flat, range)) errors.push({ column: 'flat', reason: 'outsideRange' });
  if (differ(intercomTitle, said.title)) errors.push({ column: 'intercomTitle', reason: 'otherTitle' });
  if (differ(intercomExternalId, said.externalId)) {
    errors.push({ column: 'intercomExternalId', reason: 'otherExternalId' });
  }
  if (differ(intercomRange?.from, said.range?.from)) errors.push({ column: 'intercomFlatFrom', reason: 'otherRange' });
  if (differ(intercomRange?.to, said.range?.to)) errors.push({ column: 'intercomFlatTo', reason: 'otherRange' });
  return errors;
}

const differ = <T>(now: T | undefined, before: T | undefined): boolean =>
  now !== undefined && before !== undefined && now !== before;

/** Keeps the first description of an intercom. */
function remember(intercoms: Map<number, Said>, row: Row, known: Said | undefined): void {
  const { intercomId, intercomTitle, intercomExternalId, intercomRange } = row;
  if (intercomTitle === undefined && intercomExternalId === undefined && !intercomRange) return;
  const said = known ?? {};
  if (!known) intercoms.set(intercomId, said);
  if (intercomTitle !== undefined) said.title ??= copyOf(intercomTitle);
  if (intercomExternalId !== undefined) said.externalId ??= copyOf(intercomExternalId);
  if (intercomRange) said.range ??= intercomRange;
}

/** A text cut out of a file is a view that keeps its whole piece of the file in memory; a copy does not. */
const copyOf = (text: string): string => [...text].join('');
