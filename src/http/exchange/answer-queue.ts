import type { OutgoingHttpHeader, ServerResponse } from 'node:http';

/** Beside those that are sent anyway: a name that is there twice is sent twice. */
export type Headers = Readonly<Record<string, string>>;

interface Answer {
  readonly response: ServerResponse;
  readonly status: number;
  /** Names and values alternate: the cheapest form of headers for Node. */
  readonly headers: OutgoingHttpHeader[];
  readonly text: string | Buffer;
}

/** The answers that are to be written. */
export interface AnswerQueue {
  /** Adds an answer with headers in both forms. */
  add(
    response: ServerResponse,
    status: number,
    first: OutgoingHttpHeader[],
    more: readonly Headers[],
    text: string | Buffer,
  ): void;
}

/**
 * The answers of one turn of the event loop are created one after the other. Each write wakes its reader, and when there is
 * time between two writes, that happens again for each, which costs more than the answer. So all are created first, and
 * then written together: those of one commit as soon as they are created, and a single one with the next turn, which may
 * bring others.
 */
export function createAnswerQueue(): AnswerQueue {
  let answers: Answer[] = [];

  function writeGroup(): void {
    if (answers.length > 1) writeAll();
    else setImmediate(writeAll);
  }

  function writeAll(): void {
    const all = answers;
    answers = [];
    for (const { response, status, headers, text } of all) {
      // Node may have answered meanwhile that the request is malformed.
      if (response.headersSent) continue;
      // All headers at once: one that was set before makes Node merge them one by one.
      response.writeHead(status, headers);
      // A text is sent in one write together with the head; bytes would need a second one.
      response.end(text);
    }
  }

  return {
    add(response, status, headers, more, text) {
      if (answers.length === 0) process.nextTick(writeGroup);
      for (const part of more) {
        for (const name in part) headers.push(name, part[name] as string);
      }
      headers.push('Content-Length', Buffer.byteLength(text));
      answers.push({ response, status, headers, text });
    },
  };
}
