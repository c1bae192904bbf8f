import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Input } from './input.ts';

/** What came back, one answer after the other. */
export interface Answer {
  readonly status: number;
  readonly head: string;
  readonly body: string;
  /** Whether the body has come to its end. */
  readonly complete: boolean;
}

/** How long an answer may take; nothing that is sent here is that much work. */
const PATIENCE = 20_000;
/** How long a connection that got no request may stay silent before its other end is left, in milliseconds. */
const SILENCE = 15;

const field = (head: string, name: string): string | undefined =>
  new RegExp(`\\r\\n${name}: *([^\\r]*)`, 'i').exec(head)?.[1];

/** Takes the first answer off the bytes; `undefined` while its head has not come. Informational ones are skipped. */
function readAnswer(bytes: Buffer, headOnly: boolean, closed: boolean): { answer: Answer; rest: Buffer } | undefined {
  const end = bytes.indexOf('\r\n\r\n');
  if (end < 0) return undefined;
  const head = bytes.toString('latin1', 0, end);
  const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(head)?.[1] ?? 0);
  const body = bytes.subarray(end + 4);
  if (status >= 100 && status < 200) return readAnswer(body, headOnly, closed);
  const done: Done = (length, complete = true, text = body.toString('utf8', 0, length)) => ({
    answer: { status, head, body: text, complete },
    rest: body.subarray(length),
  });
  if (headOnly || status === 204 || status === 304) return done(0);
  const length = field(head, 'content-length');
  if (length !== undefined) return body.length >= Number(length) ? done(Number(length)) : done(body.length, false);
  if (field(head, 'transfer-encoding') === undefined) return done(body.length, closed);
  if (field(head, 'content-type')?.startsWith('text/event-stream')) return done(body.length, false);
  return readChunks(body, done);
}

type Done = (length: number, complete?: boolean, text?: string) => { answer: Answer; rest: Buffer };

function readChunks(body: Buffer, done: Done): ReturnType<Done> {
  const parts: Buffer[] = [];
  for (let at = 0; ; ) {
    const end = body.indexOf('\r\n', at);
    const size = end < 0 ? Number.NaN : Number.parseInt(body.toString('latin1', at, end), 16);
    const next = end + 2 + size + 2;
    if (Number.isNaN(size) || next > body.length) return done(body.length, false, Buffer.concat(parts).toString());
    if (size === 0) return done(next, true, Buffer.concat(parts).toString());
    parts.push(body.subarray(end + 2, end + 2 + size));
    at = next;
  }
}

/** Resolves once somebody listens on a port of this machine. */
export async function accepting(port: number): Promise<void> {
  for (;;) {
    const socket = connect(port, '127.0.0.1');
    const accepted = await once(socket, 'connect').then(
      () => true,
      () => false,
    );
    socket.destroy();
    if (accepted) return;
    await sleep(20);
  }
}

/** A caller who sends inputs one after the other, over one connection as long as it holds. */
export class Client implements Disposable {
  readonly #port: number;
  #socket: Socket | undefined;
  #bytes: Buffer = Buffer.alloc(0);
  #closed = true;
  #wake: () => void = () => {};

  constructor(port: number) {
    this.#port = port;
  }

  async #open(): Promise<Socket> {
    this.#socket?.destroy();
    const socket = connect({ port: this.#port, host: '127.0.0.1', noDelay: true });
    this.#socket = socket;
    this.#bytes = Buffer.alloc(0);
    this.#closed = false;
    socket.on('data', (piece) => {
      if (socket !== this.#socket) return;
      this.#bytes = Buffer.concat([this.#bytes, piece]);
      this.#wake();
    });
    socket.on('error', () => {});
    socket.once('close', () => {
      if (socket !== this.#socket) return;
      this.#closed = true;
      this.#wake();
    });
    await once(socket, 'connect');
    return socket;
  }

  /** Resolves when something has come or the connection has ended, or after that many milliseconds. */
  async #more(patience: number): Promise<boolean> {
    if (this.#closed) return false;
    return new Promise((resolve) => {
      const late = setTimeout(() => resolve(false), patience);
      this.#wake = () => {
        clearTimeout(late);
        resolve(true);
      };
    });
  }

  /** Sends an input and returns all that is answered. */
  async send(input: Input): Promise<Answer[]> {
    return input.whole ? [await this.#ask(input)] : this.#throwIn(input);
  }

  async #ask({ pieces, headOnly = false }: Input): Promise<Answer> {
    // What a connection that was kept has lost, a new one gets.
    for (let attempt = 0; ; attempt++) {
      const isNew = this.#closed;
      const socket = this.#closed ? await this.#open() : (this.#socket as Socket);
      for (const piece of pieces) socket.write(piece);
      const deadline = Date.now() + PATIENCE;
      for (;;) {
        const read = readAnswer(this.#bytes, headOnly, this.#closed);
        const streams = read && field(read.answer.head, 'content-type')?.startsWith('text/event-stream');
        if (read && (read.answer.complete || streams || this.#closed)) {
          this.#bytes = read.rest;
          if (streams || read.rest.length > 0 || /\r\nconnection: close/i.test(read.answer.head)) this.#leave();
          return read.answer;
        }
        if (this.#closed) break;
        if (!(await this.#more(Math.max(0, deadline - Date.now())))) break;
      }
      this.#leave();
      if (isNew || attempt > 1) return { status: 0, head: '', body: '', complete: false };
    }
  }

  async #throwIn({ pieces, ending }: Input): Promise<Answer[]> {
    const socket = await this.#open();
    for (const piece of pieces) {
      if (pieces.length > 1) await sleep(0);
      socket.write(piece);
    }
    while (await this.#more(SILENCE));
    if (ending === 'reset') socket.resetAndDestroy();
    else socket.end();
    while (!this.#closed && (await this.#more(2_000)));
    const answers: Answer[] = [];
    for (let rest = this.#bytes; rest.length > 0; ) {
      const read = readAnswer(rest, false, true);
      if (!read) break;
      answers.push(read.answer);
      rest = read.rest;
    }
    this.#leave();
    return answers;
  }

  #leave(): void {
    this.#socket?.destroy();
    this.#closed = true;
  }

  [Symbol.dispose](): void {
    this.#leave();
  }
}
