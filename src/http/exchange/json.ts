import { isUtf8 } from 'node:buffer';

/** Why bytes are not a JSON text. */
export type JsonProblem = 'notUtf8' | 'invalidJson';

/** The text of a body without its byte order mark; `undefined` when the bytes are not UTF-8. */
export function decodeText(bytes: Buffer): string | undefined {
  if (!isUtf8(bytes)) return undefined;
  const text = bytes.toString();
  return text.startsWith('\ufeff') ? text.slice(1) : text;
}

/** The value of a JSON text, or what is wrong with it. The one reader of JSON bodies. */
export function parseJson(text: string | undefined): { readonly value: unknown } | JsonProblem {
  if (text === undefined) return 'notUtf8';
  try {
    return { value: JSON.parse(text) };
  } catch {
    return 'invalidJson';
  }
}

/** PHP writes an empty object as `[]`, so an empty list where an object is expected counts as one without keys. */
export const isEmptyList = (value: unknown): boolean => Array.isArray(value) && value.length === 0;
