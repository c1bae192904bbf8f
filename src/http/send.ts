import type { ServerResponse } from 'node:http';
import { requestIdHeader } from './exchanges.ts';

interface Due {
  readonly response: ServerResponse;
  readonly status: number;
  readonly headers: Readonly<Record<string, string | number>>;
  readonly text: string;
}

// The answers of one turn of the event loop are made one after the other. Each write wakes whoever reads it, and where
// writes come at some distance from each other, that happens anew for each, and costs more than the answer. So all are
// made first, and then written in one go.
let due: Due[] = [];

function writeAll(): void {
  const all = due;
  due = [];
  for (const { response, status, headers, text } of all) {
    // Node may have told the sender meanwhile that its request could not be read.
    if (response.headersSent) continue;
    // All headers at once: one that was set before makes Node merge them one by one.
    response.writeHead(status, headers);
    // A text leaves in one write together with the head; bytes would take a second one.
    response.end(text);
  }
}

/** Sends a text, at the end of this turn of the event loop. */
export function sendText(
  response: ServerResponse,
  status: number,
  headers: Readonly<Record<string, string>>,
  text: string,
): void {
  if (due.length === 0) setImmediate(writeAll);
  due.push({
    response,
    status,
    headers: { ...requestIdHeader(response), ...headers, 'Content-Length': Buffer.byteLength(text) },
    text,
  });
}

/** Sends a body as JSON. */
export function sendJson(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): void {
  sendText(response, status, { 'Content-Type': 'application/json', ...headers }, JSON.stringify(body));
}
