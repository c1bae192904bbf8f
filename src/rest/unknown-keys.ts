import type { Answer } from './answer.ts';

const MAX_KEYS = 10;
const MAX_KEY_LENGTH = 64;

/**
 * Names the first keys of a body or query that were ignored, so that a misspelled one is noticed. Keys hold anything: each is
 * percent-encoded, without half characters at its end, and the empty one is written as two quotation marks.
 */
export function unknownKeysHeader(fields: object, known: ReadonlySet<string>): Answer['headers'] {
  const names: string[] = [];
  for (const key of Object.keys(fields)) {
    if (known.has(key)) continue;
    names.push(key === '' ? '""' : encodeKey(key));
    if (names.length === MAX_KEYS) break;
  }
  return names.length > 0 ? { 'X-Unknown-Keys': names.join(', ') } : {};
}

/** The beginning of a key that fits. A lone half of a surrogate pair, for which there is no encoding, becomes U+FFFD. */
function encodeKey(key: string): string {
  let encoded = '';
  for (const character of key.slice(0, MAX_KEY_LENGTH).toWellFormed()) {
    const next = encoded + encodeURIComponent(character);
    if (next.length > MAX_KEY_LENGTH) break;
    encoded = next;
  }
  return encoded;
}
