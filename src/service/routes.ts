import { createConsoleRoute } from '../console/door.ts';
import type { GraphiqlSetting } from '../graphql/http/graphiql-page.ts';
import type { Readers } from '../graphql/http/readers.ts';
import { createGraphQLRoute } from '../graphql/http/route.ts';
import type { About } from '../graphql/schema/shared/builder.ts';
import { createByteBudget } from '../http/exchange/byte-budget.ts';
import { MessageExchange } from '../http/exchange/message-exchange.ts';
import { READS, type Route } from '../http/exchange/route.ts';
import type { Streams } from '../http/exchange/streams.ts';
import { createImportRoute } from '../import/route.ts';
import { createOpenApiRoute } from '../rest/openapi-route.ts';
import { createRestRoute } from '../rest/route.ts';
import type { Store } from '../store/store.ts';
import { createReadiness, LIVE_PATH, READY_PATH } from '../telemetry/health.ts';
import { METRICS_PATH, type Metrics } from '../telemetry/metrics.ts';
import { textsOf } from '../texts/index.ts';
import type { Limits } from './limits.ts';

export interface RouteDeps {
  readonly store: Store;
  readonly metrics: Metrics;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly graphiql: GraphiqlSetting;
  readonly introspection: boolean;
  readonly console: boolean;
  /** Which installation this is. */
  readonly about: About;
  readonly limits: Limits;
  /** How much room the database's disk must have for the service to be ready, in bytes. */
  readonly minFreeBytes: number;
  readonly streams: Streams;
  readonly report: (fault: unknown) => void;
  /** Writes a line to the log. */
  readonly logInfo: (about: object, message: string) => void;
  /** The threads that answer long GraphQL documents; without them they are answered here. */
  readonly readers?: Readers | undefined;
  /** Aborts when the service should be sent no more requests. */
  readonly draining: AbortSignal;
  /** Aborts when the service stops. */
  readonly stop: AbortSignal;
}

/** Finds the route of a path; every path has one. */
export type FindRoute = (path: string) => Route;

export function createRoutes({
  metrics,
  limits,
  minFreeBytes,
  draining,
  graphiql,
  streams,
  ...deps
}: RouteDeps): FindRoute {
  const { store } = deps;
  const isReady = createReadiness({ store, minFreeBytes, draining });
  metrics.watch({ store, isReady });
  const answers = createByteBudget(limits.answersKept);

  const routes: readonly Route[] = [
    createRestRoute(store, limits.restBody),
    createGraphQLRoute({
      ...deps,
      limits,
      graphiql,
      maxBody: limits.graphqlBody,
      maxStreamsPerSocket: limits.streamsPerSocket,
      beginStream(exchange) {
        if (exchange instanceof MessageExchange) return streams.count(exchange, exchange.caller);
        const { response, caller } = exchange;
        if (!streams.count(response, caller)) return false;
        streams.watch(response, caller, () => response.destroy());
        return true;
      },
      reserve(exchange, bytes) {
        if (exchange instanceof MessageExchange) return answers.reserve(exchange, bytes);
        const { response } = exchange;
        const fits = answers.reserve(response, bytes);
        // Pipelined requests of the caller are not served now.
        if (!fits) response.shouldKeepAlive = false;
        return fits;
      },
    }),
    createImportRoute({ ...deps, maxBody: limits.importBody }),
    health(LIVE_PATH, async () => true),
    health(READY_PATH, isReady),
    {
      path: METRICS_PATH,
      door: 'metrics',
      methods: READS,
      scope: 'read',
      isMonitoring: true,
      async handle(exchange) {
        exchange.sendText(200, { 'Content-Type': metrics.contentType }, await metrics.text());
      },
    },
    createOpenApiRoute(),
    ...(deps.console ? [createConsoleRoute(deps.report, deps.about.name)] : []),
  ];
  const byPath = new Map(routes.map((route) => [route.path, route]));

  return (path) => byPath.get(path) ?? routes.find((it) => it.matches?.(path)) ?? UNKNOWN;
}

/** Open to everybody, and answers with nothing but this. */
const health = (path: string, isWell: () => Promise<boolean>): Route => ({
  path,
  door: 'health',
  methods: READS,
  scope: null,
  isPublic: true,
  async handle(exchange) {
    const [status, body] = (await isWell()) ? [200, { status: 'ok' }] : [503, { status: 'unavailable' }];
    exchange.sendJson(status as number, body, { 'Cache-Control': 'no-store' });
  },
});

const UNKNOWN: Route = {
  path: '',
  door: 'other',
  scope: null,
  handle: (exchange) => exchange.sendJson(404, { message: textsOf(exchange.locale).unknownPath }),
};
