import { ApolloClient, ApolloLink, HttpLink, InMemoryCache } from '@apollo/client';
import { OperationTypeNode, print } from 'graphql';
import { Observable } from 'rxjs';
import type { Subscribe } from './resubscribe.ts';

/** An Apollo client whose subscriptions resume after every interruption. */
export const createApolloClient = (url: string, token: string, subscribe: Subscribe): ApolloClient =>
  new ApolloClient({
    cache: new InMemoryCache(),
    link: ApolloLink.split(
      ({ operationType }) => operationType === OperationTypeNode.SUBSCRIPTION,
      new ApolloLink(
        ({ query, variables }) =>
          new Observable((sink) => subscribe({ query: print(query), variables }, sink as never)),
      ),
      new HttpLink({ uri: url, headers: { authorization: `Bearer ${token}` } }),
    ),
  });
