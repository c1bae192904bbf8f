import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import type { Logger } from 'pino';
import { localeOf, textsOf } from './domain/texts.ts';
import { LIMIT_EXCEEDED } from './graphql/limits.ts';
import { GRAPHQL_MAX_BODY, GRAPHQL_PATH, graphqlDoor } from './graphql/yoga.ts';
import { BodyCutShort, declaresMoreThan, readBody } from './http/read-body.ts';
import { sendJson } from './http/send.ts';
import { patchIntercomFlat, REST_MAX_BODY, REST_PATH } from './rest/route.ts';
import type { Store } from './store/store.ts';

export interface AppDeps {
  readonly store: Store;
  readonly log: Logger;
  readonly graphiql: boolean;
  readonly introspection: boolean;
}

/** Who calls, as long as nobody has to say who they are. */
const LOCAL = 'local';

/** Builds the listener for every request out of the doors; it does not listen. */
export function createApp({ store, log, graphiql, introspection }: AppDeps): RequestListener {
  const report = (fault: unknown) => log.error({ err: fault }, 'fault');
  const graphql = graphqlDoor({ store, actor: LOCAL, graphiql, introspection, report });

  async function route(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = request.url ?? '/';
    const path = url.includes('?') ? url.slice(0, url.indexOf('?')) : url;
    const texts = textsOf(localeOf(request.headers['accept-language']));

    if (path === GRAPHQL_PATH) {
      const tooLarge = () => {
        const message = texts.bodyTooLarge(GRAPHQL_MAX_BODY);
        sendJson(response, 413, { errors: [{ message, extensions: { code: LIMIT_EXCEEDED } }] });
      };
      if (declaresMoreThan(request, GRAPHQL_MAX_BODY)) return tooLarge();
      if (request.headers['transfer-encoding'] !== undefined) {
        const body = await readBody(request, GRAPHQL_MAX_BODY);
        if (body === undefined) return tooLarge();
        // Where Yoga looks for a body that was read before it came.
        Object.assign(request, { body: Readable.from([body]) });
      }
      await graphql(request, response);
      return;
    }
    if (path === REST_PATH) {
      if (request.method !== 'PATCH') {
        return sendJson(response, 405, { message: texts.wrongMethod('PATCH') }, { Allow: 'PATCH' });
      }
      const bytes = await readBody(request, REST_MAX_BODY);
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
