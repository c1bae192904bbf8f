import { once } from 'node:events';
import { connect } from 'node:net';

/** How long an answer may take to begin: on a busy machine a server may wait for its database. */
const FIRST_MS = 10_000;

interface RawHttpOptions {
  readonly silence?: number;
  readonly first?: number;
  readonly isWhole?: (text: string) => boolean;
}

/**
 * Sends bytes as they are and returns all that comes back until the connection ends, or falls silent for a while after the answer has
 * begun. `isWhole` ends it at once, and nothing else does before `first`: for several answers, between which a server may be silent.
 */
export async function rawHttp(
  url: string,
  bytes: string,
  { silence = 300, first = FIRST_MS, isWhole }: RawHttpOptions = {},
): Promise<string> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  let text = '';
  socket.setTimeout(first, () => socket.destroy());
  socket.setEncoding('utf8').on('data', (piece: string) => {
    text += piece;
    if (!isWhole) socket.setTimeout(silence);
    else if (isWhole(text)) socket.destroy();
  });
  socket.on('error', () => {});
  socket.write(bytes);
  await once(socket, 'close');
  return text;
}
