import { badInput } from './bad-input.ts';

/** Turns places of one list, in one sort, into cursors and back. */
interface ListCursors<Place> {
  /** Opaque to callers: they keep it and hand it back. */
  readonly cursor: (place: Place) => string;
  /** Another list's cursor, or none at all, is bad input in the argument of this name. */
  readonly place: (cursor: string, name: string) => Place;
}

/** `example` shows the types of the two keys that make a place. */
export function listCursors<Place extends readonly [string | number, number]>(
  list: string,
  example: Place,
): ListCursors<Place> {
  const isPlace = (place: readonly unknown[]): place is Place =>
    place.length === 2 &&
    place.every((it, i) => typeof it === typeof example[i] && (typeof it === 'string' || Number.isSafeInteger(it)));
  return {
    cursor: (place) => Buffer.from(JSON.stringify([list, ...place])).toString('base64url'),
    place(cursor, name) {
      try {
        const [from, ...place] = JSON.parse(Buffer.from(cursor, 'base64url').toString());
        if (from === list && isPlace(place)) return place;
      } catch {
        // What does not parse is told like what does not fit.
      }
      throw badInput(`${name} is no cursor of this list in this sort; send one that an answer of this very list gave.`);
    },
  };
}
