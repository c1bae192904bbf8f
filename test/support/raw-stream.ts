import { once } from 'node:events';
import { connect } from 'node:net';

/** An answer that may be a stream, read byte by byte from its connection. */
export interface RawStream {
  /** The first line and the headers, as they were sent. */
  head(): string;
  /** What came so far of the body, without the chunks that it was sent in; each character is a byte. */
  body(): string;
  /** Whether the other side has ended the answer, or cut the connection. */
  isOver(): boolean;
  /** Reads nothing until it is called again. */
  pause(): void;
  resume(): void;
  close(): void;
}

/** Sends a body to the door of GraphQL as a POST; each header ends with a line break. */
export async function rawPost(url: string, body: string, headers: string): Promise<RawStream> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  await once(socket, 'connect');
  let text = '';
  let isCut = false;
  socket.setEncoding('latin1').on('data', (piece: string) => {
    text += piece;
  });
  socket.on('error', () => {});
  socket.on('close', () => {
    isCut = true;
  });
  const length = Buffer.byteLength(body);
  socket.write(
    `POST /graphql HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ${length}\r\n${headers}\r\n${body}`,
  );
  const head = () => text.slice(0, text.indexOf('\r\n\r\n') + 4);
  const parts = () => (/^transfer-encoding: chunked/im.test(head()) ? unchunk(text.slice(head().length)) : undefined);
  return {
    head,
    body: () => parts()?.body ?? text.slice(head().length),
    isOver: () =>
      isCut || (parts()?.isOver ?? Number(/^content-length: (\d+)/im.exec(head())?.[1]) <= text.length - head().length),
    pause: () => void socket.pause(),
    resume: () => void socket.resume(),
    close: () => socket.destroy(),
  };
}

/** Each character is a byte. */
function unchunk(chunked: string): { readonly body: string; readonly isOver: boolean } {
  const pieces: string[] = [];
  for (let at = 0; ; ) {
    const [line, size] = /^([0-9a-f]+)\r\n/.exec(chunked.slice(at, at + 12)) ?? [];
    if (line === undefined || size === undefined) return { body: pieces.join(''), isOver: false };
    const length = Number.parseInt(size, 16);
    if (length === 0) return { body: pieces.join(''), isOver: true };
    pieces.push(chunked.slice(at + line.length, at + line.length + length));
    at += line.length + length + 2;
  }
}
