import { Client, fetchExchange, subscriptionExchange } from '@urql/core';
import type { Subscribe } from './resubscribe.ts';

/** An urql client whose subscriptions resume after every interruption. */
export const createUrqlClient = (url: string, token: string, subscribe: Subscribe): Client =>
  new Client({
    url,
    fetchOptions: { headers: { authorization: `Bearer ${token}` } },
    exchanges: [
      fetchExchange,
      subscriptionExchange({
        forwardSubscription: ({ query = '', variables }) => ({
          subscribe: (sink) => ({ unsubscribe: subscribe({ query, variables: { ...variables } }, sink as never) }),
        }),
      }),
    ],
  });
