import { once } from 'node:events';
import { connect } from 'node:net';

/** How long an answer may take to begin: on a busy machine a server may wait for its database. */
const FIRST_MS = 30_000;

interface RawHttpOptions {
  readonly silence?: number;
  readonly first?: number;
  readonly isWhole?: (text: string) => boolean;
}

/**
 * Sends bytes as they are and returns all that comes back until the connection ends. One that is not asked to end may fall silent for a
 * while after the answer has begun instead. `isWhole` ends it at once, and nothing else does before `first`: for several answers, between
 * which a server may be silent.
 */
export async function rawHttp(
  url: string,
  bytes: string,
  { silence = 300, first = FIRST_MS, isWhole }: RawHttpOptions = {},
): Promise<string> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  const isEnding = /^connection: close/im.test(bytes);
  let text = '';
  // What came while this process stood still is read before that turn of the event loop ends.
  const isSilent = (length: number) => text.length === length && socket.destroy();
  socket.setTimeout(first).on('timeout', () => setImmediate(isSilent, text.length));
  socket.setEncoding('utf8').on('data', (piece: string) => {
    text += piece;
    if (isWhole?.(text)) socket.destroy();
    else if (!isWhole && !isEnding) socket.setTimeout(silence);
  });
  socket.on('error', () => {});
  socket.write(bytes);
  await once(socket, 'close');
  return text;
}
