import { GRAPHQL_TRANSPORT_WS_PROTOCOL } from 'graphql-ws';
import type { Route } from '../../http/exchange/route.ts';
import { createGraphQLDoor, type GraphQLDoor } from './door.ts';
import { asksForPage, createGraphiqlPage, type GraphiqlSetting } from './graphiql-page.ts';
import { GRAPHQL_PATH } from './lanes.ts';

export interface GraphQLRoute extends GraphQLDoor {
  readonly graphiql: GraphiqlSetting;
  /** In bytes. */
  readonly maxBody: number;
}

/** GraphQL, and GraphiQL for browsers. Every method is answered by the door, and scopes beyond `read` are checked there. */
export function createGraphQLRoute({ graphiql, maxBody, ...door }: GraphQLRoute): Route {
  const { handle, opened } = createGraphQLDoor(door);
  const sendPage = createGraphiqlPage();
  const showsPage = async () => (graphiql === 'untilToken' ? !(await door.store.hasToken()) : graphiql);

  return {
    path: GRAPHQL_PATH,
    door: 'graphql',
    scope: 'read',
    needsStorage: true,
    maxBody,
    errorBody: (message, code) => ({ errors: [{ message, extensions: { code } }] }),
    // The page contains no data; it sends a token itself.
    async answerFirst(exchange) {
      if (!asksForPage(exchange.request) || !(await showsPage())) return false;
      exchange.setCommonHeaders();
      await sendPage(exchange.request, exchange.response);
      return true;
    },
    handle,
    sockets: { protocol: GRAPHQL_TRANSPORT_WS_PROTOCOL, maxMessage: maxBody, opened },
  };
}
