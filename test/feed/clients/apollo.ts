import { ApolloClient, ApolloLink, HttpLink, InMemoryCache } from '@apollo/client';
import { OperationTypeNode, print } from 'graphql';
import { Observable } from 'rxjs';
import { createResubscribe } from './resubscribe.ts';

/** An Apollo client whose subscriptions resume after every interruption. */
export function createApolloClient(url: string): ApolloClient {
  const resubscribe = createResubscribe(url);
  const sseLink = new ApolloLink(
    ({ query, variables }) => new Observable((sink) => resubscribe({ query: print(query), variables }, sink as never)),
  );
  return new ApolloClient({
    cache: new InMemoryCache(),
    link: ApolloLink.split(
      ({ operationType }) => operationType === OperationTypeNode.SUBSCRIPTION,
      sseLink,
      new HttpLink({ uri: url }),
    ),
  });
}
