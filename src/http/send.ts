import type { ServerResponse } from 'node:http';
import { requestIdHeader } from './exchanges.ts';

/** Sends a body as JSON. */
export function sendJson(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): void {
  const text = JSON.stringify(body);
  // All headers at once: one that was set before makes Node merge them one by one.
  response.writeHead(status, {
    ...requestIdHeader(response),
    'Content-Type': 'application/json',
    'Content-Length': Buffer.byteLength(text),
    ...headers,
  });
  // A text leaves in one write together with the head; bytes would take a second one.
  response.end(text);
}
