import { connect, type Socket } from 'node:net';
import { REST_PATH } from '../../src/rest/address.ts';

/** A request that never ends. */
export interface Dripping {
  readonly socket: Socket;
  /** All that was answered until the service ended the connection. */
  readonly ended: Promise<string>;
}

/** Sends the beginning of a request, and then a little at a time without end, whatever the service says to it. */
function drip(url: string, every: number, beginning: string, more: string): Dripping {
  const { hostname, port } = new URL(url);
  const socket = connect({ port: Number(port), host: hostname, allowHalfOpen: true });
  let text = '';
  socket.setEncoding('utf8').on('data', (piece: string) => {
    text += piece;
  });
  socket.on('error', () => {});
  socket.write(beginning);
  const sending = setInterval(() => socket.write(more), every);
  const ended = new Promise<string>((resolve) => {
    socket.once('close', () => {
      clearInterval(sending);
      resolve(text);
    });
  });
  return { socket, ended };
}

const HEAD = `PATCH ${REST_PATH} HTTP/1.1\r\nHost: localhost\r\n`;

/** Drips headers or a body, every so many milliseconds. */
export const dripHeaders = (url: string, every: number) => drip(url, every, HEAD, 'X-More: x\r\n');
export const dripBody = (url: string, every: number) => drip(url, every, `${HEAD}Content-Length: 9999\r\n\r\n{`, ' ');
