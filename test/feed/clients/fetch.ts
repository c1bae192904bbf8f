/** Follows the feed with plain `fetch`, in a browser or in Node, and resumes after every interruption. */
export async function follow(url: string, after: string, onChange: (change: Change) => void, signal: AbortSignal) {
  while (!signal.aborted) {
    try {
      const response = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', accept: 'text/event-stream' },
        body: JSON.stringify({
          query: 'subscription ($after: String) { intercomFlatChanged(after: $after) { cursor flatId } }',
          variables: { after },
        }),
        signal,
      });
      let text = '';
      for await (const piece of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
        const events = (text + piece).split('\n\n');
        text = events.pop() ?? '';
        for (const event of events) {
          const [, json] = /^event: next\n(?:id: .*\n)?data: (.*)$/.exec(event) ?? [];
          if (!json) continue;
          const { data, errors } = JSON.parse(json);
          // Such as CURSOR_EXPIRED: read your lists again, and resume from changesHead.
          if (errors) throw new FeedError(errors[0].message);
          onChange(data.intercomFlatChanged);
          after = data.intercomFlatChanged.cursor;
        }
      }
    } catch (error) {
      if (error instanceof FeedError) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, 1_000));
  }
}

export interface Change {
  readonly cursor: string;
  readonly flatId: string;
}

export class FeedError extends Error {
  override readonly name = 'FeedError';
}
