import { signal } from '@preact/signals';
import { AskError, send } from './ask.ts';
import type { Operation } from './operations.ts';

export type Connection = 'live' | 'reconnecting' | 'asleep' | 'offline';

/** How the stream of the screen is; `undefined` on screens that follow nothing. */
export const connection = signal<Connection | undefined>(undefined);

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 15_000;

export interface Following<Event> {
  /** Where to begin; each event brings the next place. */
  readonly after: string;
  readonly onEvent: (event: Event) => void;
  readonly cursorOf: (event: Event) => string;
  /** The place is too old: the screen has to be read anew. */
  readonly onExpired: () => void;
}

/**
 * Follows a subscription without loss: each connection begins after the last event that was seen. A hidden tab holds none, and
 * catches up when it is seen again. Returns what ends it.
 */
export function follow<Data, Event, Variables extends object>(
  query: Operation<Data, Variables & { after: string }>,
  variables: Variables,
  eventOf: (data: Data) => Event,
  { after, onEvent, cursorOf, onExpired }: Following<Event>,
): () => void {
  const ended = new AbortController();
  let cursor = after;
  let current: AbortController | undefined;
  let wait = FIRST_WAIT_MS;
  let wake = () => {};

  async function run(): Promise<void> {
    while (!ended.signal.aborted) {
      if (document.hidden) {
        connection.value = 'asleep';
        await nextWake();
        continue;
      }
      current = new AbortController();
      let isExpired = false;
      try {
        await read(current.signal);
      } catch (error) {
        if (ended.signal.aborted) return;
        if (error instanceof AskError && error.kind === 'signedOut') return;
        isExpired = error instanceof ExpiredError;
      }
      if (ended.signal.aborted || document.hidden) continue;
      connection.value = navigator.onLine ? 'reconnecting' : 'offline';
      // All pages of an office must not come back in the same moment.
      await nextWake(wait * (0.5 + Math.random()));
      wait = Math.min(wait * 2, LONGEST_WAIT_MS);
      if (isExpired && !ended.signal.aborted) return onExpired();
    }
  }

  const nextWake = (withinMs?: number) =>
    new Promise<void>((resolve) => {
      wake = resolve;
      if (withinMs !== undefined) setTimeout(resolve, withinMs);
    });

  async function read(signal: AbortSignal): Promise<void> {
    const response = await send(query, { ...variables, after: cursor }, 'text/event-stream', signal);
    if (!response.headers.get('content-type')?.startsWith('text/event-stream') || !response.body) {
      throw new ExpiredError();
    }
    connection.value = 'live';
    wait = FIRST_WAIT_MS;
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    let text = '';
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      text += value;
      const messages = text.split('\n\n');
      text = messages.pop() ?? '';
      for (const message of messages) readMessage(message);
    }
  }

  function readMessage(message: string): void {
    const lines = message.split('\n');
    const data = lines.filter((it) => it.startsWith('data: ')).map((it) => it.slice('data: '.length));
    if (!lines.includes('event: next') || data.length === 0) return;
    const answer = JSON.parse(data.join('\n')) as { data?: Data | null; errors?: unknown };
    if (!answer.data) throw new ExpiredError();
    const event = eventOf(answer.data);
    cursor = cursorOf(event);
    onEvent(event);
  }

  const onVisibility = () => {
    if (document.hidden) current?.abort();
    else wait = FIRST_WAIT_MS;
    wake();
  };
  const onOnline = () => wake();
  document.addEventListener('visibilitychange', onVisibility);
  addEventListener('online', onOnline);
  void run();
  return () => {
    document.removeEventListener('visibilitychange', onVisibility);
    removeEventListener('online', onOnline);
    ended.abort();
    current?.abort();
    wake();
    connection.value = undefined;
  };
}

/** The service refuses to go on from the cursor. */
class ExpiredError extends Error {
  override readonly name = 'ExpiredError';
}
