import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Logger } from 'pino';
import { accessOf, type Scope } from './domain/caller.ts';
import { localeOf, textsOf } from './domain/texts.ts';
import { LIMIT_EXCEEDED } from './graphql/limits.ts';
import { asksForPage, GRAPHQL_MAX_BODY, GRAPHQL_PATH, graphqlDoor } from './graphql/yoga.ts';
import { isLoopbackHost } from './http/addresses.ts';
import { identification } from './http/caller.ts';
import { crossOrigin } from './http/cors.ts';
import { denialOf, type Reason } from './http/denial.ts';
import { BodyCutShort, cutAfterAnswer, readBody } from './http/read-body.ts';
import { sendJson } from './http/send.ts';
import { openStreams } from './http/streams.ts';
import { authentication } from './operations/authenticate.ts';
import { OPENAPI_METHODS, OPENAPI_PATH, sendOpenApi } from './rest/openapi-route.ts';
import { patchIntercomFlat, REST_MAX_BODY, REST_PATH } from './rest/route.ts';
import type { Store } from './store/store.ts';

export interface AppDeps {
  readonly store: Store;
  readonly log: Logger;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly graphiql: boolean;
  readonly introspection: boolean;
  /** Where it will listen: it serves nobody without a token unless that is this machine only. */
  readonly host: string;
  /** Networks whose callers need no token for the REST route, such as `parseCidr` reads them. */
  readonly trustedNetworks: readonly string[];
  /** Proxies whose `X-Forwarded-For` counts. */
  readonly trustedProxies: readonly string[];
  /** Origins of pages in browsers that may read the answers. */
  readonly corsOrigins: readonly string[];
  /** Aborts when the service stops. */
  readonly stop: AbortSignal;
}

/** Builds the listener for every request out of the doors; it does not listen. */
export function createApp({
  store,
  log,
  now,
  graphiql,
  introspection,
  stop,
  host,
  ...trust
}: AppDeps): RequestListener {
  const report = (fault: unknown) => log.error({ err: fault }, 'fault');
  const onStream = openStreams(store, report, stop);
  const tell = (about: object, message: string) => log.info(about, message);
  const graphql = graphqlDoor({ store, now, graphiql, introspection, report, stop, tell, onStream });
  const authenticate = authentication(store, now, report);
  const identify = identification({ store, authenticate, loopback: isLoopbackHost(host), ...trust });
  const allowOrigin = crossOrigin(trust.corsOrigins);

  async function route(request: IncomingMessage, response: ServerResponse): Promise<void> {
    // Callers behind a proxy may name the whole address.
    const url = (request.url ?? '/').replace(/^https?:\/\/[^/?#]*/i, '');
    const path = url.replace(/\?.*/s, '');
    const locale = localeOf(request.headers['accept-language']);
    const texts = textsOf(locale);

    const deny = (reason: Reason, needed: Scope = 'read') => {
      const { status, code, message, headers } = denialOf(reason, needed, locale);
      cutAfterAnswer(request, response);
      const body = path === GRAPHQL_PATH ? { errors: [{ message, extensions: { code } }] } : { message };
      sendJson(response, status, body, headers);
    };
    const asksFirst = allowOrigin(request, response);
    const caller = await identify(request, path === REST_PATH || path === OPENAPI_PATH);
    if (typeof caller === 'string') return deny(caller);
    if (asksFirst) {
      response.writeHead(204).end();
      return;
    }

    if (path === GRAPHQL_PATH) {
      // What a document needs beyond that is for the door to say. The page holds nothing, and asks with a token itself.
      const access = accessOf(caller, 'read');
      if (access !== 'granted' && !(graphiql && asksForPage(request))) return deny(access);
      const tooLarge = () => {
        const message = texts.bodyTooLarge(GRAPHQL_MAX_BODY);
        sendJson(response, 413, { errors: [{ message, extensions: { code: LIMIT_EXCEEDED } }] });
      };
      const body = await readBody(request, response, GRAPHQL_MAX_BODY);
      if (body === undefined) return tooLarge();
      // Yoga makes a URL of these two; what callers write there must not be able to break it.
      request.url = url;
      request.headers.host = 'localhost';
      await graphql(request, response, body, caller);
      return;
    }
    if (path === REST_PATH) {
      const access = accessOf(caller, 'write');
      if (access !== 'granted') return deny(access, 'write');
      if (request.method !== 'PATCH') {
        return sendJson(response, 405, { message: texts.wrongMethod('PATCH') }, { Allow: 'PATCH' });
      }
      const bytes = await readBody(request, response, REST_MAX_BODY);
      const answer = await patchIntercomFlat(store, caller.actor, request.headers, bytes);
      return sendJson(response, answer.status, answer.body, answer.headers);
    }
    if (path === OPENAPI_PATH) {
      // Who may use the route may read what it is like; strangers are not told.
      const access = accessOf(caller, 'read');
      if (access !== 'granted') return deny(access);
      if (OPENAPI_METHODS.includes(request.method ?? '')) return sendOpenApi(request, response);
      const Allow = OPENAPI_METHODS.join(', ');
      return sendJson(response, 405, { message: texts.wrongMethod(Allow) }, { Allow });
    }
    sendJson(response, 404, { message: texts.unknownPath });
  }

  return (request, response) => {
    route(request, response).catch((fault: unknown) => {
      if (fault instanceof BodyCutShort) return;
      report(fault);
      const { internal } = textsOf(localeOf(request.headers['accept-language']));
      if (response.headersSent) response.destroy();
      else sendJson(response, 500, { message: internal });
    });
  };
}
