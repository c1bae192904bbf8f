import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** How bytes go through a proxy. */
type Way =
  /** Both ways. */
  | 'open'
  /** To the server, and nothing comes back. */
  | 'deaf'
  /** Neither way; connections are taken, and stay. */
  | 'stalled'
  /** New connections are refused, and there are none. */
  | 'closed';

export interface TcpProxy extends AsyncDisposable {
  readonly port: number;
  /** Of all connections, those that are there and those that come. */
  set(way: Way): void;
  /** The way of the connections that are there; new ones are open. */
  setOld(way: Way): void;
  /** Resets every connection. */
  reset(): void;
}

/** A proxy between a store and its server, which does to connections what networks do, and to answers what `rewrite` does. */
export async function tcpProxy(target: number, rewrite = (bytes: Buffer) => bytes): Promise<TcpProxy> {
  const pairs = new Set<{ client: Socket; server: Socket; way: Way }>();
  let way: Way = 'open';

  const listener = createServer((client) => {
    if (way === 'closed') return void client.resetAndDestroy();
    const server = connect(target, '127.0.0.1');
    const pair = { client, server, way };
    pairs.add(pair);
    client.on('data', (bytes) => {
      if (pair.way === 'open' || pair.way === 'deaf') server.write(bytes);
    });
    server.on('data', (bytes) => {
      if (pair.way === 'open') client.write(rewrite(bytes));
    });
    const end = () => {
      pairs.delete(pair);
      client.destroy();
      server.destroy();
    };
    for (const socket of [client, server]) socket.on('error', end).on('close', end);
  }).listen(0, '127.0.0.1');
  await once(listener, 'listening');

  const reset = () => {
    for (const { client, server } of pairs) {
      client.resetAndDestroy();
      server.destroy();
    }
  };
  const setOld = (it: Way) => {
    for (const pair of pairs) pair.way = it;
  };
  return {
    port: (listener.address() as AddressInfo).port,
    set(it) {
      way = it;
      setOld(it);
      if (it === 'closed') reset();
    },
    setOld,
    reset,
    async [Symbol.asyncDispose]() {
      reset();
      listener.close();
    },
  };
}
