/** The longest line that is read; of a longer one only so much is kept that its length shows. */
export const MAX_LINE_BYTES = 1024 * 1024;

/**
 * The lines of a UTF-8 text, in batches as they arrive, without their `\n` or `\r\n` and without a byte order mark.
 * Bytes that are no UTF-8 become U+FFFD. However long the text or a line, the memory stays small.
 */
export async function* linesOf(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<readonly string[], void> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of bytes) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = (lines.pop() as string).slice(0, MAX_LINE_BYTES + 1);
    if (lines.length > 0) yield lines.map(withoutReturn);
  }
  rest += decoder.decode();
  if (rest !== '') yield [withoutReturn(rest)];
}

const withoutReturn = (line: string): string => (line.endsWith('\r') ? line.slice(0, -1) : line);
