import { createClient, type RequestParams, type Sink } from 'graphql-sse';

/**
 * Subscribes with graphql-sse, and after every interruption again from the last change that was seen. graphql-sse itself
 * retries with the variables that it began with, so its own retries are off.
 */
export function createResubscribe(url: string) {
  const sse = createClient({ url, retryAttempts: 0 });

  return (operation: RequestParams, sink: Pick<Sink<object>, 'next'>): (() => void) => {
    let after = operation.variables?.['after'];
    let stop = () => {};
    let isStopped = false;
    const restart = () => {
      if (!isStopped) setTimeout(start, 1_000);
    };
    function start() {
      if (isStopped) return;
      stop = sse.subscribe<{ intercomFlatChanged?: { cursor: string } }>(
        { ...operation, variables: { ...operation.variables, after } },
        {
          next(result) {
            after = result.data?.intercomFlatChanged?.cursor ?? after;
            sink.next(result);
          },
          error: restart,
          complete: restart,
        },
      );
    }
    start();
    return () => {
      isStopped = true;
      stop();
    };
  };
}
