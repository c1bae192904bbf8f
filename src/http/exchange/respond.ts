import type { OutgoingHttpHeader, ServerResponse } from 'node:http';
import { commonHeaders } from './exchange.ts';

/** Beside those that are sent anyway: a name that stands twice goes out twice. */
type Headers = Readonly<Record<string, string>>;

interface Due {
  readonly response: ServerResponse;
  readonly status: number;
  /** Names and values alternate: the cheapest form of headers for Node. */
  readonly headers: OutgoingHttpHeader[];
  readonly text: string | Buffer;
}

// The answers of one turn of the event loop are made one after the other. Each write wakes whoever reads it, and where
// writes come at some distance from each other, that happens anew for each, and costs more than the answer. So all are
// made first, and then written in one go: those of one commit as soon as they are made, and one that is made alone with the
// next turn, which may bring others.
let due: Due[] = [];

function writeGroup(): void {
  if (due.length > 1) writeAll();
  else setImmediate(writeAll);
}

function writeAll(): void {
  const all = due;
  due = [];
  for (const { response, status, headers, text } of all) {
    // Node may have answered meanwhile that the request is malformed.
    if (response.headersSent) continue;
    // All headers at once: one that was set before makes Node merge them one by one.
    response.writeHead(status, headers);
    // A text is sent in one write together with the head; bytes would need a second one.
    response.end(text);
  }
}

/** Sends a text, in the next turn of the event loop at the latest. */
export const sendText = (response: ServerResponse, status: number, headers: Headers, text: string | Buffer): void =>
  send(response, status, [], headers, text);

/** Sends a body as JSON. */
export const sendJson = (response: ServerResponse, status: number, body: unknown, headers: Headers = {}): void =>
  send(response, status, ['Content-Type', 'application/json'], headers, JSON.stringify(body));

function send(
  response: ServerResponse,
  status: number,
  headers: OutgoingHttpHeader[],
  more: Headers,
  text: string | Buffer,
) {
  if (due.length === 0) process.nextTick(writeGroup);
  for (const part of [more, commonHeaders(response)]) {
    for (const name in part) headers.push(name, part[name] as string);
  }
  headers.push('Content-Length', Buffer.byteLength(text));
  due.push({ response, status, headers, text });
}
