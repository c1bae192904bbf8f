import { NoSchemaIntrospectionCustomRule } from 'graphql';
import { createYoga, type Plugin, type YogaServerInstance } from 'graphql-yoga';
import { localeOf } from '../domain/texts.ts';
import { liveTail } from '../operations/live-tail.ts';
import type { Store } from '../store/store.ts';
import type { GraphQLContext } from './builder.ts';
import { maskFaults, type ReportFault } from './faults.ts';
import { GRAPHIQL_TABS } from './graphiql-tabs.ts';
import { limitTokens } from './limits.ts';
import { loadersOf } from './loaders.ts';
import { readRequests } from './requests.ts';
import { schema } from './schema.ts';

export const GRAPHQL_PATH = '/graphql';

/** The largest body, in bytes. */
export const GRAPHQL_MAX_BODY = 5 * 1024 * 1024;

export interface GraphQLDoor {
  readonly store: Store;
  readonly actor: string;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly graphiql: boolean;
  readonly introspection: boolean;
  readonly report: ReportFault;
}

const refuseIntrospection: Plugin = {
  onValidate: ({ addValidationRule }) => addValidationRule(NoSchemaIntrospectionCustomRule),
};

/** Tells proxies to hand a stream on as it comes; nginx would hold it back until its buffer is full. */
const streamHeaders: Plugin = {
  onResponse({ response }) {
    if (response.headers.get('content-type')?.startsWith('text/event-stream')) {
      response.headers.set('X-Accel-Buffering', 'no');
    }
  },
};

/** GraphQL over HTTP. The body's size is limited before it gets here: Yoga's own limit halves the throughput. */
export function graphqlDoor(door: GraphQLDoor): YogaServerInstance<object, GraphQLContext> {
  const tail = liveTail(door.store);
  return createYoga<object, GraphQLContext>({
    schema,
    graphqlEndpoint: GRAPHQL_PATH,
    context: ({ request }) => ({
      store: door.store,
      loaders: loadersOf(door.store),
      tail,
      now: door.now,
      request,
      actor: door.actor,
      locale: localeOf(request.headers.get('accept-language') ?? undefined),
    }),
    plugins: [readRequests, limitTokens, streamHeaders, ...(door.introspection ? [] : [refuseIntrospection])],
    maskedErrors: { maskError: maskFaults(door.report) },
    maxRequestBodySize: false,
    graphiql: door.graphiql && { title: 'intercom-flats', defaultTabs: GRAPHIQL_TABS },
    // The page carries its nine megabytes with it and needs no network; it is loaded when somebody asks for it.
    renderGraphiQL: async (options) => (await import('@graphql-yoga/render-graphiql')).renderGraphiQL(options),
    landingPage: false,
    multipart: false,
    cors: false,
    logging: false,
  });
}
