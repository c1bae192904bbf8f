import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Logger } from 'pino';
import { localeOf, textsOf } from './domain/texts.ts';
import { LIMIT_EXCEEDED } from './graphql/limits.ts';
import { GRAPHQL_MAX_BODY, GRAPHQL_PATH, graphqlDoor } from './graphql/yoga.ts';
import { BodyCutShort, readBody } from './http/read-body.ts';
import { sendJson } from './http/send.ts';
import { patchIntercomFlat, REST_MAX_BODY, REST_PATH } from './rest/route.ts';
import type { Store } from './store/store.ts';

export interface AppDeps {
  readonly store: Store;
  readonly log: Logger;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly graphiql: boolean;
  readonly introspection: boolean;
  /** Aborts when the service stops. */
  readonly stop: AbortSignal;
}

/** Who calls, as long as nobody has to say who they are. */
const LOCAL = 'local';

/** Builds the listener for every request out of the doors; it does not listen. */
export function createApp({ store, log, now, graphiql, introspection, stop }: AppDeps): RequestListener {
  const report = (fault: unknown) => log.error({ err: fault }, 'fault');
  const tell = (about: object, message: string) => log.info(about, message);
  const graphql = graphqlDoor({ store, now, actor: LOCAL, graphiql, introspection, report, stop, tell });

  // A client takes the clean end of a stream for the end of the subscription; a stream that is cut makes it come back.
  const streams = new Set<ServerResponse>();
  stop.addEventListener('abort', () => {
    for (const stream of streams) stream.destroy();
  });

  async function route(request: IncomingMessage, response: ServerResponse): Promise<void> {
    // Callers behind a proxy may name the whole address.
    const url = (request.url ?? '/').replace(/^https?:\/\/[^/?#]*/i, '');
    const path = url.replace(/\?.*/s, '');
    const texts = textsOf(localeOf(request.headers['accept-language']));

    if (path === GRAPHQL_PATH) {
      const tooLarge = () => {
        const message = texts.bodyTooLarge(GRAPHQL_MAX_BODY);
        sendJson(response, 413, { errors: [{ message, extensions: { code: LIMIT_EXCEEDED } }] });
      };
      const body = await readBody(request, response, GRAPHQL_MAX_BODY);
      if (body === undefined) return tooLarge();
      if (request.headers.accept?.includes('text/event-stream')) {
        streams.add(response);
        response.once('close', () => streams.delete(response));
      }
      // Yoga makes a URL of these two; what callers write there must not be able to break it.
      request.url = url;
      request.headers.host = 'localhost';
      await graphql(request, response, body);
      return;
    }
    if (path === REST_PATH) {
      if (request.method !== 'PATCH') {
        return sendJson(response, 405, { message: texts.wrongMethod('PATCH') }, { Allow: 'PATCH' });
      }
      const bytes = await readBody(request, response, REST_MAX_BODY);
      const answer = await patchIntercomFlat(store, LOCAL, request.headers, bytes);
      return sendJson(response, answer.status, answer.body, answer.headers);
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
