import { NoSchemaIntrospectionCustomRule } from 'graphql';
import { createYoga, type Plugin, type YogaServerInstance } from 'graphql-yoga';
import { localeOf } from '../domain/texts.ts';
import type { Store } from '../store/store.ts';
import type { GraphQLContext } from './builder.ts';
import { maskFaults, type ReportFault } from './faults.ts';
import { GRAPHIQL_TABS } from './graphiql-tabs.ts';
import { limitTokens } from './limits.ts';
import { schema } from './schema.ts';

export const GRAPHQL_PATH = '/graphql';

/** The largest body, in bytes. */
export const GRAPHQL_MAX_BODY = 5 * 1024 * 1024;

export interface GraphQLDoor {
  readonly store: Store;
  readonly actor: string;
  readonly graphiql: boolean;
  readonly introspection: boolean;
  readonly report: ReportFault;
}

const refuseIntrospection: Plugin = {
  onValidate: ({ addValidationRule }) => addValidationRule(NoSchemaIntrospectionCustomRule),
};

/** GraphQL over HTTP. The body's size is limited before it gets here: Yoga's own limit halves the throughput. */
export function graphqlDoor(door: GraphQLDoor): YogaServerInstance<object, GraphQLContext> {
  return createYoga<object, GraphQLContext>({
    schema,
    graphqlEndpoint: GRAPHQL_PATH,
    context: ({ request }) => ({
      store: door.store,
      actor: door.actor,
      locale: localeOf(request.headers.get('accept-language') ?? undefined),
    }),
    plugins: [limitTokens, ...(door.introspection ? [] : [refuseIntrospection])],
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
