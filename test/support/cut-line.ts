import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** A line to a service that can be cut, as when the service restarts. */
export interface CutLine extends AsyncDisposable {
  readonly url: string;
  /** Ends all connections and takes no new ones. */
  cut(): Promise<void>;
  mend(): Promise<void>;
}

export async function cutLineTo(url: string): Promise<CutLine> {
  const target = Number(new URL(url).port);
  const sockets = new Set<Socket>();
  let server: Server;
  let port = 0;

  async function mend(): Promise<void> {
    server = createServer((near) => {
      const far = connect(target, '127.0.0.1');
      for (const [from, to] of [
        [near, far],
        [far, near],
      ] as const) {
        sockets.add(from);
        from
          .on('error', () => {})
          .on('close', () => {
            sockets.delete(from);
            to.destroy();
          });
        from.pipe(to);
      }
    });
    await once(server.listen(port, '127.0.0.1'), 'listening');
    port = (server.address() as AddressInfo).port;
  }

  async function cut(): Promise<void> {
    const closed = once(server, 'close');
    server.close();
    for (const it of sockets) it.destroy();
    await closed;
  }

  await mend();
  return {
    url: `http://127.0.0.1:${port}`,
    cut,
    mend,
    async [Symbol.asyncDispose]() {
      if (server.listening) await cut();
    },
  };
}
