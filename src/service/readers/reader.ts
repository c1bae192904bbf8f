import { AsyncLocalStorage } from 'node:async_hooks';
import type { MessagePort } from 'node:worker_threads';
import type { DocumentRulesOptions } from '../../graphql/engine/document-rules.ts';
import { createReaderDoor } from '../../graphql/http/reader-door.ts';
import type { ReaderRequest } from '../../graphql/http/readers.ts';
import type { About } from '../../graphql/schema/shared/builder.ts';
import { type Connection, openThreadStore } from '../../store/open.ts';
import { createCalls, serveCalls } from '../../threads/calls.ts';
import { encodeError } from '../../threads/errors.ts';
import { whileWriting } from './while-writing.ts';

/** What a reader is started with. */
export interface ReaderData {
  readonly port: MessagePort;
  readonly store: Connection;
  readonly rules: DocumentRulesOptions;
  readonly about: About;
}

/** What a reader reports: a request that waits for the writer leaves it free. */
export interface ReaderEvent {
  readonly released: number;
}

/** Serves the main thread. */
export async function serveReader({ port, store, rules, about }: ReaderData, now: () => number): Promise<void> {
  // Before the first call may come.
  const opened = await openThreadStore(store);
  const main = createCalls(port);
  const stop = new AbortController();
  const requests = new Map<number, AbortController>();
  const current = new AsyncLocalStorage<number>();

  const release = () => {
    const id = current.getStore();
    if (id !== undefined) send({ released: id });
  };
  const answer = createReaderDoor({
    ...rules,
    about,
    store: whileWriting(opened, release),
    now,
    stop: stop.signal,
    report: (fault) => void main.call('report', [encodeError(fault)]),
    logInfo: (fields, message) => void main.call('logInfo', [fields, message]),
  });

  const send = serveCalls<ReaderEvent>(port, {
    async answer(id: number, request: ReaderRequest) {
      const left = new AbortController();
      requests.set(id, left);
      try {
        const reserve = (bytes: number): Promise<boolean> => main.call('reserve', [id, bytes]);
        return await current.run(id, () => answer(request, { left: left.signal, reserve }));
      } finally {
        requests.delete(id);
      }
    },
    leave: async (id: number) => requests.get(id)?.abort(),
    stop: async () => stop.abort(),
    ping: async () => {},
  });
}
