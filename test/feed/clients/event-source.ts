import { type Failure, failureOf, pauseAfter } from './retry.ts';

const QUERY = 'subscription ($after: String) { intercomFlatChanged(after: $after) { cursor flatId } }';

/**
 * Follows the feed with a browser's `EventSource`, which reconnects by itself. Each event has its cursor as `id`, which the browser
 * sends back as `Last-Event-ID`, so nothing is lost or repeated. It cannot send a token, so this is for local use: with a token use
 * `fetch`. Returns what ends it; `onError` is called when trying again would not help.
 */
export function follow(
  url: string,
  onChange: (change: { readonly cursor: string; readonly flatId: string }) => void,
  onError: (error: unknown) => void,
  Source = EventSource,
): () => void {
  let after: string | undefined;
  let source: EventSource | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const leaving = new AbortController();
  const address = () =>
    `${url}?query=${encodeURIComponent(QUERY)}&variables=${encodeURIComponent(JSON.stringify({ after }))}`;

  function open(): void {
    source = new Source(address());
    source.addEventListener('next', ({ data: json }) => {
      const { data, errors } = JSON.parse(json);
      if (errors) return again({ errors });
      after = data.intercomFlatChanged.cursor;
      onChange(data.intercomFlatChanged);
    });
    source.addEventListener('error', () => {
      if (source?.readyState === Source.CLOSED) void askWhy();
    });
  }

  /** An `EventSource` gives up at any status other than 200, such as the 502 of a proxy, and does not say which it was. */
  async function askWhy(): Promise<void> {
    let failure: Failure = {};
    try {
      const signal = AbortSignal.any([leaving.signal, AbortSignal.timeout(10_000)]);
      const response = await fetch(address(), { headers: { accept: 'text/event-stream' }, signal });
      if (response.ok) await response.body?.cancel();
      else failure = await failureOf(response);
    } catch {
      // It cannot be reached now.
    }
    again(failure);
  }

  function again(failure: Failure): void {
    source?.close();
    if (leaving.signal.aborted) return;
    try {
      timer = setTimeout(open, pauseAfter(failure));
    } catch (error) {
      onError(error);
    }
  }

  open();
  return () => {
    leaving.abort();
    clearTimeout(timer);
    source?.close();
  };
}
