import { once } from 'node:events';
import { connect } from 'node:net';

/** How long an answer may take to begin: on a busy machine a server may wait for its database. */
const FIRST_MS = 10_000;

/**
 * Sends bytes as they are and returns all that comes back until the connection ends, or falls silent for a while after the answer has
 * begun.
 */
export async function rawHttp(url: string, bytes: string, { silence = 300, first = FIRST_MS } = {}): Promise<string> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  let text = '';
  socket.setTimeout(first, () => socket.destroy());
  socket.setEncoding('utf8').on('data', (piece: string) => {
    text += piece;
    socket.setTimeout(silence);
  });
  socket.on('error', () => {});
  socket.write(bytes);
  await once(socket, 'close');
  return text;
}
