import { FeedError, failureOf, pauseAfter } from './retry.ts';

const QUERY = 'subscription ($after: String) { intercomFlatChanged(after: $after) { cursor flatId } }';

/**
 * Follows the feed with plain `fetch`, in a browser or in Node, and resumes after every interruption. Rejects with a `FeedError`
 * when trying again would not help.
 */
export async function follow(
  url: string,
  token: string,
  after: string,
  onChange: (change: Change) => void,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    let pause = pauseAfter({});
    try {
      const response = await fetch(url, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${token}`,
          'content-type': 'application/json',
          accept: 'text/event-stream',
        },
        body: JSON.stringify({ query: QUERY, variables: { after } }),
        signal,
      });
      if (!response.ok) pause = pauseAfter(await failureOf(response));
      else
        for await (const { data, errors } of eventsOf(response)) {
          if (errors) {
            pause = pauseAfter({ errors });
            break;
          }
          onChange(data.intercomFlatChanged);
          after = data.intercomFlatChanged.cursor;
        }
    } catch (error) {
      if (error instanceof FeedError) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
}

async function* eventsOf({ body }: Response) {
  let text = '';
  for await (const piece of body?.pipeThrough(new TextDecoderStream()) ?? []) {
    const events = (text + piece).split('\n\n');
    text = events.pop() ?? '';
    for (const event of events) {
      const [, json] = /^event: next\n(?:id: .*\n)?data: (.*)$/.exec(event) ?? [];
      if (json) yield JSON.parse(json);
    }
  }
}

export interface Change {
  readonly cursor: string;
  readonly flatId: string;
}
