/** A stream of server-sent events, read as the bytes come. */
export interface Stream {
  readonly status: number;
  readonly headers: Headers;
  /** The data of each `next` event; ends at `complete`, and throws when the connection is cut. */
  readonly events: AsyncGenerator<{ data?: Record<string, never>; errors?: unknown }, void>;
  /** Leaves, as a browser does that is closed. */
  close(): void;
}

/** Subscribes as a plain `fetch` client does. */
export async function subscribe(
  url: string,
  query: string,
  variables: object = {},
  more: Record<string, string> = {},
): Promise<Stream> {
  const leaving = new AbortController();
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'text/event-stream', ...more },
    body: JSON.stringify({ query, variables }),
    signal: leaving.signal,
  });
  return {
    status: response.status,
    headers: response.headers,
    events: read(response),
    close: () => leaving.abort(),
  };
}

async function* read(response: Response): Stream['events'] {
  const decoder = new TextDecoder();
  let text = '';
  for await (const bytes of response.body as unknown as AsyncIterable<Uint8Array>) {
    text += decoder.decode(bytes, { stream: true });
    const events = text.split('\n\n');
    text = events.pop() as string;
    for (const event of events) {
      if (event.startsWith('event: complete')) return;
      const [, data] = /^event: next\n(?:id: \S+\n)?data: (.*)$/.exec(event) ?? [];
      if (data) yield JSON.parse(data);
    }
  }
}

/** The next `count` events. */
export async function take(stream: Stream, count: number): Promise<unknown[]> {
  const events: unknown[] = [];
  while (events.length < count) {
    const { value, done } = await stream.events.next();
    if (done) break;
    events.push(value);
  }
  return events;
}
