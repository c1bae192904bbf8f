import { once } from 'node:events';
import { connect } from 'node:net';

/** Sends bytes as they are and returns all that comes back until the connection ends, or falls silent for a while. */
export async function rawHttp(url: string, bytes: string, silence = 300): Promise<string> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  let text = '';
  socket.setTimeout(silence, () => socket.destroy());
  socket.setEncoding('utf8').on('data', (piece: string) => {
    text += piece;
  });
  socket.on('error', () => {});
  socket.write(bytes);
  await once(socket, 'close');
  return text;
}
