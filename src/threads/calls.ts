import type { MessagePort } from 'node:worker_threads';
import { decodeError, encodeError, type SentError } from './errors.ts';

// To send a message costs more than what most calls do. So all calls of one turn of the event loop are one message, and so
// are all answers of one commit.

type Call = readonly [id: number, method: string, args: readonly unknown[]];
type Answer = readonly [id: number, value: unknown, error?: SentError];

/** What the serving thread sends: answers, and events that nobody asked for. */
interface Batch {
  readonly answers: readonly Answer[];
  readonly events: readonly unknown[];
}

type Method = (...args: readonly unknown[]) => Promise<unknown>;

/** Both sides of a port may call the other one. */
const isCalls = (message: Batch | readonly Call[]): message is readonly Call[] => Array.isArray(message);

export interface Calls {
  /** Calls a method of the other thread, in the order of the calls. */
  call(method: string, args: readonly unknown[]): Promise<never>;
  /** Rejects what is not answered yet, and all further calls. */
  end(reason: Error): void;
}

/** What is handed over to the other thread instead of being copied: the bytes of a body. */
const bytesOf = (values: readonly unknown[]): ArrayBuffer[] =>
  values.flatMap((it) => {
    const body = (it as { readonly body?: unknown } | null | undefined)?.body;
    return body instanceof Uint8Array && body.byteLength > 0 ? [body.buffer as ArrayBuffer] : [];
  });

/** Calls methods by a port; `onEvent` is called for each event, after the answers that came with it. */
export function createCalls<Event>(port: MessagePort, onEvent: (event: Event) => void = () => {}): Calls {
  const waiting = new Map<number, { resolve: (value: never) => void; reject: (error: Error) => void }>();
  let outgoing: Call[] = [];
  let last = 0;
  let ended: Error | undefined;

  function send(): void {
    const calls = outgoing;
    outgoing = [];
    port.postMessage(
      calls,
      calls.flatMap(([, , args]) => bytesOf(args)),
    );
  }

  port.on('message', (message: Batch | readonly Call[]) => {
    if (isCalls(message)) return;
    const { answers, events } = message;
    for (const [id, value, error] of answers) {
      const call = waiting.get(id);
      waiting.delete(id);
      if (error) call?.reject(decodeError(error));
      else call?.resolve(value as never);
    }
    for (const event of events) onEvent(event as Event);
  });

  return {
    call: (method, args) =>
      new Promise((resolve, reject) => {
        if (ended) return reject(ended);
        waiting.set(++last, { resolve, reject });
        if (outgoing.push([last, method, args]) === 1) setImmediate(send);
      }),
    end(reason) {
      ended = reason;
      for (const { reject } of waiting.values()) reject(reason);
      waiting.clear();
    },
  };
}

/** Answers calls of methods by a port; returns a function that sends an event. */
export function serveCalls<Event>(port: MessagePort, methods: object): (event: Event) => void {
  let answers: Answer[] = [];
  let events: Event[] = [];

  // When the promises of a commit are settled, and before the next one begins.
  function sendLater(): void {
    if (answers.length + events.length > 1) return;
    process.nextTick(() => {
      const batch: Batch = { answers, events };
      port.postMessage(batch, bytesOf(answers.map(([, value]) => value)));
      answers = [];
      events = [];
    });
  }

  function answer(it: Answer): void {
    answers.push(it);
    sendLater();
  }

  port.on('message', (message: Batch | readonly Call[]) => {
    if (!isCalls(message)) return;
    for (const [id, method, args] of message) {
      const run = methods[method as keyof typeof methods] as Method;
      run(...args).then(
        (value) => answer([id, value]),
        (error: unknown) => answer([id, undefined, encodeError(error)]),
      );
    }
  });

  return (event) => {
    events.push(event);
    sendLater();
  };
}
