import type { Logger } from 'pino';
import { accessOf } from '../domain/caller.ts';
import { STORAGE_ANSWERS, type StorageProblem } from '../domain/storage-problem.ts';
import { hasExpired } from '../domain/token.ts';
import { createAddressSet, isLoopbackHost } from '../http/access/addresses.ts';
import { createCors } from '../http/access/cors.ts';
import { bodyRefused, type Denial, denialOf, type Reason, rateLimited, unavailable } from '../http/access/denial.ts';
import { createIdentify } from '../http/access/identify.ts';
import { createIdentifyScraper } from '../http/access/identify-scraper.ts';
import { createLocalCheck } from '../http/access/local-request.ts';
import { createOriginCheck } from '../http/access/origin.ts';
import { createRateLimits } from '../http/access/rate-limits.ts';
import { createByteBudget } from '../http/exchange/byte-budget.ts';
import { type Exchange, type Exchanges, pathOf } from '../http/exchange/exchange.ts';
import { BodyCutShortError, cutAfterAnswer, NO_BODY, readBody } from '../http/exchange/read-body.ts';
import { HEAD_STATUS, headProblem, isUpgraded } from '../http/exchange/request-head.ts';
import { isRead } from '../http/exchange/route.ts';
import { createStreams } from '../http/exchange/streams.ts';
import type { Served } from '../http/server/listen.ts';
import { createAuthenticate, stillMayCall } from '../operations/authenticate.ts';
import { textsOf } from '../texts/index.ts';
import { createRoutes, type RouteDeps } from './routes.ts';
import { createSocketOpener, storageProblemOf } from './socket-opener.ts';

export interface AppDeps extends Omit<RouteDeps, 'report' | 'logInfo' | 'streams'> {
  readonly log: Logger;
  readonly exchanges: Exchanges;
  /** Where it will listen: without any token it serves nobody unless that is loopback. */
  readonly host: string;
  /** Networks whose callers need no token for the REST route, as `parseCidr` accepts them. */
  readonly trustedNetworks: readonly string[];
  /** Proxies whose `X-Forwarded-For` is used. */
  readonly trustedProxies: readonly string[];
  /** Origins of pages in browsers that may read the answers. */
  readonly corsOrigins: readonly string[];
}

/** Creates what answers all requests: one pipeline over the routes. It does not listen itself. */
export function createApp({ log, exchanges, host, trustedNetworks, ...deps }: AppDeps): Served {
  const { store, limits, now, stop } = deps;
  const report = (fault: unknown) => log.error({ err: fault }, 'fault');
  const streams = createStreams({ store, maxPerCaller: limits.streamsPerCaller, now, report, stop });
  const routeOf = createRoutes({ ...deps, streams, report, logInfo: (about, message) => log.info(about, message) });
  const authenticate = createAuthenticate(store, now, report);
  const proxies = createAddressSet(deps.trustedProxies);
  const isLocal = createLocalCheck(proxies);
  const loopback = isLoopbackHost(host);
  const identify = createIdentify({ store, authenticate, loopback, trustedNetworks, proxies, isLocal });
  const identifyScraper = createIdentifyScraper(identify, isLocal, now);
  const countRequest = createRateLimits(limits, proxies, isLocal);
  const applyCors = createCors(deps.corsOrigins);
  const acceptsOrigin = createOriginCheck(deps.corsOrigins);
  const bodies = createByteBudget(limits.bodiesKept);
  const openSocket = createSocketOpener({
    ...{ store, identify, countRequest, exchanges, streams, bodies },
    messageTimeout: limits.requestTimeout,
  });

  async function serve(exchange: Exchange): Promise<void> {
    const { request, response, locale } = exchange;
    const texts = textsOf(locale);
    const problem = headProblem(request);
    if (problem) {
      cutAfterAnswer(request, response);
      return exchange.sendJson(HEAD_STATUS[problem], { message: texts[problem] });
    }
    const route = routeOf(exchange.path);
    const { methods, maxBody } = route;
    const method = route.methodOf ? route.methodOf(request) : request.method;
    const scope = route.scopeOf ? route.scopeOf(method) : route.scope;
    exchange.door = route.door;

    const refuse = ({ status, code, message, headers }: Denial) => {
      cutAfterAnswer(request, response);
      exchange.sendJson(status, route.errorBody?.(message, code) ?? { message }, headers);
    };
    const refuseStorage = (problem: StorageProblem) => {
      const { code, retryAfter } = STORAGE_ANSWERS[problem];
      refuse(unavailable(code, texts.storage[problem], retryAfter));
    };
    const deny = (reason: Reason) => refuse(denialOf(reason, scope ?? 'read', locale));

    const { sockets } = route;
    const isUpgrade = isUpgraded(request) && sockets !== undefined;
    if (isUpgrade && !acceptsOrigin(request.headers)) return deny('wrongOrigin');
    if (!route.isPublic) {
      const isPreflight = applyCors(request, response);
      // Even the caller is looked up in the database.
      if (route.needsStorage && !isPreflight && store.lost() !== undefined) {
        return refuseStorage('lost');
      }
      const identifyCaller = route.isMonitoring ? identifyScraper : identify;
      const caller = await identifyCaller(request, route.trustsNetworks === true).catch(storageProblemOf);
      if (typeof caller === 'object' && 'problem' in caller) return refuseStorage(caller.problem);
      // Monitoring must see the service even when its token exceeds a limit, and a WebSocket may bring its token later.
      const isUncounted =
        isPreflight ||
        (typeof caller !== 'string' &&
          ((route.isMonitoring && caller.by === 'token') || (isUpgrade && caller.by === 'nothing')));
      const excess = isUncounted ? undefined : await countRequest(request, response, caller);
      if (excess) return refuse(rateLimited(excess, locale));
      if (typeof caller === 'string') return deny(caller);
      exchange.caller = caller;
      if (isPreflight) {
        exchange.setCommonHeaders();
        response.writeHead(204).end();
        return;
      }
      if (isUpgrade) return openSocket(exchange, sockets);
      if (await route.answerFirst?.(exchange)) return;
      const isWatcher = route.isMonitoring && caller.by === 'nothing' && isLocal(request);
      const access = scope === null || isWatcher ? 'granted' : accessOf(caller, scope);
      if (access !== 'granted') return deny(access);
    }
    if (methods && !methods.includes(method ?? '')) {
      const allowed = methods.join(', ');
      return exchange.sendJson(405, { message: texts.wrongMethod(allowed) }, { Allow: allowed });
    }
    if (maxBody === undefined || isRead(method)) {
      // What is not read would hold up the end of the connection, which a stream has to see.
      request.resume();
      return route.handle(exchange, NO_BODY);
    }
    const reading = readBody(request, response, maxBody, bodies);
    const body = await reading;
    if (reading !== body && !(await stillMayCall(store, exchange.caller, now()))) {
      return deny(
        exchange.caller.by === 'token' && hasExpired(exchange.caller, now()) ? 'expiredToken' : 'invalidToken',
      );
    }
    if (typeof body === 'string') return refuse(bodyRefused(body, maxBody, locale));
    await route.handle(exchange, body);
  }

  return {
    listener(request, response) {
      const exchange = exchanges.begin(request, response);
      serve(exchange).catch((fault: unknown) => {
        if (fault instanceof BodyCutShortError) return;
        log.error({ err: fault, requestId: exchange.id }, 'fault');
        if (response.headersSent) response.destroy();
        else exchange.sendJson(500, { message: textsOf(exchange.locale).internal });
      });
    },
    takesUpgrade: (request) => /^websocket$/i.test(request.headers.upgrade ?? '') && !!routeOf(pathOf(request)).sockets,
  };
}
