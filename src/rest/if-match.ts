/** Whether an `If-Match` header names something that can match: `*`, or a strong tag in quotation marks. */
export const isUsableIfMatch = (header: string): boolean =>
  header.trim() === '*' || header.split(',').some((tag) => /^\s*"[^"]*"\s*$/.test(tag));

/**
 * The versions that an `If-Match` header accepts (RFC 9110, 13.1.1): `undefined` when any will do. A weak or malformed tag
 * matches nothing, so that an intended guard never becomes none.
 */
export function versionsFromIfMatch(header: string | undefined): readonly number[] | undefined {
  if (header === undefined || header.trim() === '*') return undefined;
  return header.split(',').flatMap((tag) => {
    const version = /^\s*"([1-9]\d*)"\s*$/.exec(tag)?.[1];
    return version ? [Number(version)] : [];
  });
}
