import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** What became of a request that was written as a whole, or could not be. */
export type Sent =
  | { readonly kind: 'answered'; readonly status: number; readonly head: string; readonly body: string }
  /** Nobody accepted the connection, or the request. */
  | { readonly kind: 'refused' }
  /** The connection was ended in good order, without an answer. */
  | { readonly kind: 'ended' }
  /** The connection was reset; `seen` tells whether the other side had answered anything on it. */
  | { readonly kind: 'reset'; readonly seen: boolean };

/** A client that sees what happens to its connection. */
export interface RawClient extends Disposable {
  send(method: string, path: string, body: string): Promise<Sent>;
}

/** `keep` tells whether it sends its next request on the same connection; `headers` end with a line break each. */
export function rawClient(url: string, keep: boolean, headers = ''): RawClient {
  const { hostname, port } = new URL(url);
  let kept: Socket | undefined;

  async function connected(): Promise<Socket | undefined> {
    const socket = connect(Number(port), hostname);
    socket.setEncoding('latin1').setNoDelay(true);
    try {
      await once(socket, 'connect');
    } catch {
      return undefined;
    }
    return socket;
  }

  return {
    async send(method, path, body) {
      const isKept = kept !== undefined;
      const socket = kept ?? (await connected());
      kept = undefined;
      if (!socket) return { kind: 'refused' };
      const sent = await exchange(
        socket,
        isKept,
        `${method} ${path} HTTP/1.1\r\nHost: ${hostname}\r\nConnection: ${keep ? 'keep-alive' : 'close'}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n${headers}\r\n${body}`,
      );
      if (sent.kind === 'answered' && keep && !/^connection: close/im.test(sent.head)) kept = socket;
      else socket.destroy();
      return sent;
    },
    [Symbol.dispose]: () => void kept?.destroy(),
  };
}

function exchange(socket: Socket, isKept: boolean, request: string): Promise<Sent> {
  return new Promise((resolve) => {
    let text = '';
    const done = (sent: Sent) => {
      socket.removeAllListeners();
      socket.on('error', () => {});
      resolve(sent);
    };
    socket.on('data', (piece: string) => {
      text += piece;
      const head = text.slice(0, text.indexOf('\r\n\r\n') + 4);
      if (head.length < 4) return;
      const body = text.slice(head.length);
      if (body.length < Number(/^content-length: (\d+)/im.exec(head)?.[1])) return;
      done({ kind: 'answered', status: Number(head.split(' ')[1]), head, body });
    });
    const cut = () => done(text === '' ? { kind: 'ended' } : { kind: 'reset', seen: true });
    socket.on('end', cut);
    socket.on('close', cut);
    // What could not be written was not sent.
    socket.on('error', (error) => {
      const isUnsent = 'syscall' in error && error.syscall === 'write';
      done(isUnsent ? { kind: 'refused' } : { kind: 'reset', seen: isKept || text !== '' });
    });
    socket.write(request);
  });
}
