import { limitExceeded } from '../engine/limits.ts';

/** The most values and keys in the variables and extensions of a request: a bulk update of 1,000 flats has some 17,000. */
const MAX_VALUES = 50_000;
/** The most keys of one object, and the longest of them in UTF-16 code units: no input of the schema comes near it. */
const MAX_KEYS = 100;
const MAX_KEY = 256;

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_LIST = 0x5b;
const BACKSLASH = 0x5c;
const OPEN_OBJECT = 0x7b;

/** Throws when a JSON text has more values and keys than any real one: to parse hundreds of thousands takes seconds. */
export function countValues(json: Buffer): void {
  let count = 0;
  for (let i = 0; i < json.length; i++) {
    const byte = json[i];
    if (byte === QUOTE) {
      for (i++; i < json.length && json[i] !== QUOTE; i++) if (json[i] === BACKSLASH) i++;
    } else if (byte === COMMA || byte === COLON || byte === OPEN_LIST || byte === OPEN_OBJECT) {
      if (++count > MAX_VALUES) throw limitExceeded(`The variables have too many values: at most ${MAX_VALUES}.`);
    }
  }
}

/** Throws when an object has more keys than any input, or longer ones: what is reported of it would hold everybody up. */
export function checkKeys(value: unknown): void {
  const open: unknown[] = [value];
  while (open.length > 0) {
    const next = open.pop();
    if (typeof next !== 'object' || next === null) continue;
    if (!Array.isArray(next)) {
      const keys = Object.keys(next);
      if (keys.length > MAX_KEYS) {
        throw limitExceeded(`An object in the variables has too many fields: at most ${MAX_KEYS}.`);
      }
      if (keys.some((key) => key.length > MAX_KEY)) {
        throw limitExceeded(`The variables have a name of more than ${MAX_KEY} characters.`);
      }
    }
    for (const it of Object.values(next)) open.push(it);
  }
}
