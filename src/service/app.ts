import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Logger } from 'pino';
import { accessOf, type Scope } from '../domain/caller.ts';
import { OVERLOADED } from '../domain/limits.ts';
import { STORAGE_ANSWERS } from '../domain/storage-problem.ts';
import { LIMIT_EXCEEDED } from '../graphql/engine/limits.ts';
import { createGraphQLDoor, GRAPHQL_PATH } from '../graphql/http/door.ts';
import { asksForPage, createGraphiqlPage, type GraphiqlSetting } from '../graphql/http/graphiql-page.ts';
import { createAddressSet, isLoopbackHost } from '../http/access/addresses.ts';
import { createCors } from '../http/access/cors.ts';
import { type Denial, denialOf, type Reason, rateLimited } from '../http/access/denial.ts';
import { createIdentify } from '../http/access/identify.ts';
import { isLocalRequest } from '../http/access/local-request.ts';
import { createRateLimits } from '../http/access/rate-limits.ts';
import { createByteBudget } from '../http/exchange/byte-budget.ts';
import { commonHeaders, type Exchange, type Exchanges } from '../http/exchange/exchange.ts';
import { type Body, BodyCutShortError, cutAfterAnswer, readBody } from '../http/exchange/read-body.ts';
import { HEAD_STATUS, headProblem } from '../http/exchange/request-head.ts';
import { sendJson, sendText } from '../http/exchange/respond.ts';
import { createStreamLimit } from '../http/exchange/streams.ts';
import { createAuthenticate, stillMayCall } from '../operations/authenticate.ts';
import { isRestPath, methodOf, REST_PATH } from '../rest/address.ts';
import { OPENAPI_PATH, sendOpenApi } from '../rest/openapi-route.ts';
import { patchIntercomFlat } from '../rest/route.ts';
import type { Store } from '../store/store.ts';
import { createReadiness, LIVE_PATH, READY_PATH } from '../telemetry/health.ts';
import { METRICS_PATH, type Metrics } from '../telemetry/metrics.ts';
import { localeOf, textsOf } from '../texts/index.ts';
import type { Limits } from './limits.ts';

export interface AppDeps {
  readonly store: Store;
  readonly log: Logger;
  readonly exchanges: Exchanges;
  readonly metrics: Metrics;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly graphiql: GraphiqlSetting;
  readonly introspection: boolean;
  /** Where it will listen: it serves nobody without a token unless that is this machine only. */
  readonly host: string;
  /** Networks whose callers need no token for the REST route, such as `parseCidr` reads them. */
  readonly trustedNetworks: readonly string[];
  /** Proxies whose `X-Forwarded-For` counts. */
  readonly trustedProxies: readonly string[];
  /** Origins of pages in browsers that may read the answers. */
  readonly corsOrigins: readonly string[];
  readonly limits: Limits;
  /** How much room the database's disk must have for the service to be ready, in bytes. */
  readonly minFreeBytes: number;
  /** Aborts when the service should be sent no more requests. */
  readonly draining: AbortSignal;
  /** Aborts when the service stops. */
  readonly stop: AbortSignal;
}

/** Creates the listener for all requests; it does not listen itself. */
export function createApp({
  store,
  log,
  exchanges,
  metrics,
  now,
  graphiql,
  introspection,
  limits,
  minFreeBytes,
  draining,
  stop,
  host,
  ...trust
}: AppDeps): RequestListener {
  const report = (fault: unknown) => log.error({ err: fault }, 'fault');
  const beginStream = createStreamLimit({ store, maxPerCaller: limits.streamsPerCaller, report, stop });
  const isReady = createReadiness({ store, minFreeBytes, draining });
  metrics.watch({ store, isReady });
  const logInfo = (about: object, message: string) => log.info(about, message);
  const bodies = createByteBudget(limits.bodiesKept);
  const answers = createByteBudget(limits.answersKept);
  const graphql = createGraphQLDoor({
    ...{ store, now, introspection, limits, report, stop, logInfo, beginStream },
    onStream: exchanges.becomesStream,
    reserve(response, bytes) {
      const fits = answers.reserve(response, bytes);
      // Pipelined requests of the caller are not served now.
      if (!fits) response.shouldKeepAlive = false;
      return fits;
    },
    onErrors: exchanges.hasErrors,
    onOperation: exchanges.asks,
    ...{ send: sendText, headersOf: commonHeaders },
  });
  const authenticate = createAuthenticate(store, now, report);
  const proxies = createAddressSet(trust.trustedProxies);
  const { trustedNetworks } = trust;
  const identify = createIdentify({ store, authenticate, loopback: isLoopbackHost(host), trustedNetworks, proxies });
  const countRequest = createRateLimits(limits, proxies);
  const allowOrigin = createCors(trust.corsOrigins);
  const sendGraphiql = createGraphiqlPage();
  const showsPage = async () => (graphiql === 'untilToken' ? !(await store.hasToken()) : graphiql);

  async function route(request: IncomingMessage, response: ServerResponse, exchange: Exchange): Promise<void> {
    // Callers behind a proxy may send an absolute URL.
    const { url: target = '/' } = request;
    const url = target.startsWith('/') ? target : target.replace(/^https?:\/\/[^/?#]*/i, '');
    const query = url.indexOf('?');
    const sent = query < 0 ? url : url.slice(0, query);
    const path = isRestPath(sent) ? REST_PATH : sent;
    const locale = localeOf(request.headers['accept-language']);
    const texts = textsOf(locale);

    const problem = headProblem(request);
    if (problem) {
      cutAfterAnswer(request, response);
      return sendJson(response, HEAD_STATUS[problem], { message: texts[problem] });
    }
    if (path === LIVE_PATH || path === READY_PATH) {
      exchange.door = 'health';
      // Open to everybody, and answers with nothing but this.
      if (!isRead(request)) return sendJson(response, 405, { message: texts.wrongMethod(READS) }, { Allow: READS });
      const isWell = path === LIVE_PATH || (await isReady());
      const [status, body] = isWell ? [200, { status: 'ok' }] : [503, { status: 'unavailable' }];
      return sendJson(response, status as number, body, { 'Cache-Control': 'no-store' });
    }
    if (path === REST_PATH) exchange.door = 'rest';
    else if (path === GRAPHQL_PATH) exchange.door = 'graphql';
    else if (path === METRICS_PATH) exchange.door = 'metrics';

    const setCommonHeaders = () => {
      for (const [name, value] of Object.entries(commonHeaders(response))) response.setHeader(name, value);
    };
    const turnAway = ({ status, code, message, headers }: Denial) => {
      cutAfterAnswer(request, response);
      const body = path === GRAPHQL_PATH ? { errors: [{ message, extensions: { code } }] } : { message };
      sendJson(response, status, body, headers);
    };
    const deny = (reason: Reason, needed: Scope = 'read') => turnAway(denialOf(reason, needed, locale));
    const unavailable = (code: string, message: string, retryAfter: number) =>
      turnAway({ status: 503, code, message, headers: { 'Retry-After': String(retryAfter) } });
    const unread = (why: Exclude<Body, Buffer>, maxBytes: number) =>
      why === 'overloaded'
        ? unavailable(OVERLOADED, texts.overloaded, 1)
        : turnAway({ status: 413, code: LIMIT_EXCEEDED, message: texts.bodyTooLarge(maxBytes), headers: {} });
    const asksFirst = allowOrigin(request, response);
    // Even the caller is looked up in the database.
    if (!asksFirst && (path === REST_PATH || path === GRAPHQL_PATH) && store.lost() !== undefined) {
      const { code, retryAfter } = STORAGE_ANSWERS.lost;
      return unavailable(code, texts.storage.lost, retryAfter);
    }
    const caller = await identify(request, path === REST_PATH);
    // Monitoring must see the service even when its token exceeds a limit.
    const isWatched = path === METRICS_PATH && typeof caller !== 'string' && caller.by === 'token';
    const counted = asksFirst || isWatched ? undefined : countRequest(request, response, caller);
    const excess = counted && (await counted);
    if (excess) return turnAway(rateLimited(excess, locale));
    if (typeof caller === 'string') return deny(caller);
    exchange.actor = caller.actor;
    if (asksFirst) {
      response.writeHead(204, commonHeaders(response)).end();
      return;
    }

    if (path === GRAPHQL_PATH) {
      // The page contains no data; it sends a token itself.
      if (asksForPage(request) && (await showsPage())) {
        setCommonHeaders();
        return sendGraphiql(request, response);
      }
      // The door checks what a document needs beyond that.
      const access = accessOf(caller, 'read');
      if (access !== 'granted') return deny(access);
      const coming = readBody(request, response, limits.graphqlBody, bodies);
      const body = await coming;
      if (coming !== body && !(await stillMayCall(store, caller))) return deny('invalidToken');
      if (typeof body === 'string') return unread(body, limits.graphqlBody);
      // Yoga builds a URL of these two; a caller's values must not break it.
      request.url = url;
      request.headers.host = 'localhost';
      await graphql(request, response, body, caller);
      return;
    }
    if (path === REST_PATH) {
      const access = accessOf(caller, 'write');
      if (access !== 'granted') return deny(access, 'write');
      if (methodOf(request) !== 'PATCH') {
        return sendJson(response, 405, { message: texts.wrongMethod('PATCH') }, { Allow: 'PATCH' });
      }
      const coming = readBody(request, response, limits.restBody, bodies);
      const bytes = await coming;
      if (coming !== bytes && !(await stillMayCall(store, caller))) return deny('invalidToken', 'write');
      if (typeof bytes === 'string') return unread(bytes, limits.restBody);
      const answer = await patchIntercomFlat(store, caller.actor, request.headers, bytes);
      return sendJson(response, answer.status, answer.body, answer.headers);
    }
    if (path === METRICS_PATH) {
      // Local monitoring needs no token.
      const access = caller.by === 'nothing' && isLocalRequest(request, proxies) ? 'granted' : accessOf(caller, 'read');
      if (access !== 'granted') return deny(access);
      if (!isRead(request)) return sendJson(response, 405, { message: texts.wrongMethod(READS) }, { Allow: READS });
      return sendText(response, 200, { 'Content-Type': metrics.contentType }, await metrics.text());
    }
    if (path === OPENAPI_PATH) {
      setCommonHeaders();
      // Callers without a token do not see whether anything is here.
      const access = accessOf(caller, 'read');
      if (access !== 'granted') return deny(access);
      if (!isRead(request)) return sendJson(response, 405, { message: texts.wrongMethod(READS) }, { Allow: READS });
      return sendOpenApi(request, response);
    }
    sendJson(response, 404, { message: texts.unknownPath });
  }

  return (request, response) => {
    const exchange = exchanges.begin(request, response);
    route(request, response, exchange).catch((fault: unknown) => {
      if (fault instanceof BodyCutShortError) return;
      log.error({ err: fault, requestId: exchange.id }, 'fault');
      const { internal } = textsOf(localeOf(request.headers['accept-language']));
      if (response.headersSent) response.destroy();
      else sendJson(response, 500, { message: internal });
    });
  };
}

const READS = 'GET, HEAD';
const isRead = ({ method }: IncomingMessage): boolean => method === 'GET' || method === 'HEAD';
