import { Client, fetchExchange, subscriptionExchange } from '@urql/core';
import { createResubscribe } from './resubscribe.ts';

/** An urql client whose subscriptions resume after every interruption. */
export function createUrqlClient(url: string): Client {
  const resubscribe = createResubscribe(url);
  return new Client({
    url,
    exchanges: [
      fetchExchange,
      subscriptionExchange({
        forwardSubscription: ({ query = '', variables }) => ({
          subscribe: (sink) => ({ unsubscribe: resubscribe({ query, variables: { ...variables } }, sink as never) }),
        }),
      }),
    ],
  });
}
