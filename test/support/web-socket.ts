import { once } from 'node:events';
import { type ClientOptions, WebSocket } from 'ws';
import { until } from './until.ts';

export const PROTOCOL = 'graphql-transport-ws';

export interface SocketMessage {
  readonly type: string;
  readonly id?: string;
  readonly payload?: unknown;
}

/** A client of a WebSocket that shows every message. */
export interface SocketClient extends Disposable {
  readonly socket: WebSocket;
  readonly messages: readonly SocketMessage[];
  send(...messages: object[]): void;
  /** The messages of an operation, once there are so many. */
  of(id: string, count: number): Promise<readonly SocketMessage[]>;
  /** How it was closed. */
  readonly closed: Promise<readonly [code: number, reason: string]>;
}

export const socketUrl = (url: string): string => `${url.replace('http', 'ws')}/graphql`;

/** Opens a socket, and says nothing. */
export async function openSocket(url: string, options: ClientOptions = {}): Promise<SocketClient> {
  const socket = new WebSocket(socketUrl(url), PROTOCOL, options);
  const messages: SocketMessage[] = [];
  socket.on('message', (bytes) => void messages.push(JSON.parse(String(bytes))));
  const closed = once(socket, 'close').then(([code, reason]) => [code, String(reason)] as const);
  closed.catch(() => {});
  await once(socket, 'open');
  socket.on('error', () => {});
  return {
    socket,
    messages,
    closed,
    send: (...sent) => {
      for (const it of sent) socket.send(JSON.stringify(it));
    },
    async of(id, count) {
      const own = () => messages.filter((it) => it.id === id);
      await until(() => own().length >= count);
      return own();
    },
    [Symbol.dispose]: () => socket.terminate(),
  };
}

/** Opens a socket, and says who it is. */
export async function initSocket(url: string, payload?: object): Promise<SocketClient> {
  const client = await openSocket(url);
  client.send({ type: 'connection_init', payload });
  await until(() => client.messages.some((it) => it.type === 'connection_ack'));
  return client;
}

export const subscribing = (id: string, query: string, variables?: object): object => ({
  id,
  type: 'subscribe',
  payload: { query, variables },
});
