import type { GraphQLError } from 'graphql';
import type { Plugin, YogaServerInstance } from 'graphql-yoga';
import type { ChangeFeed } from '../../operations/follow-changes.ts';
import type { ThreadStore } from '../../store/store.ts';
import { type CheckedDocument, createDocumentCache } from '../engine/document-cache.ts';
import { createDocumentRules, type DocumentRules, type DocumentRulesOptions } from '../engine/document-rules.ts';
import { schema } from '../schema/index.ts';
import type { GraphQLContext } from '../schema/shared/builder.ts';
import { Loaders } from '../schema/shared/loaders.ts';
import type { DoorExchange } from './door-exchange.ts';
import { createEventPace, type EventPace } from './event-pace.ts';
import { createFastLane, isPlainPost } from './fast-lane.ts';
import { createErrorMask, maskResults, type ReportFault } from './mask-errors.ts';
import { asksCost, parseRequest, type RequestParams } from './request.ts';
import type { Served } from './served.ts';
import { createEnginePlugin, createMessagePlugin } from './yoga-plugins.ts';

export const GRAPHQL_PATH = '/graphql';

/** What the lanes need, in whatever thread; `E` is an exchange of that thread. */
export interface LanesOptions<E extends DoorExchange> extends DocumentRulesOptions {
  readonly store: ThreadStore;
  readonly feed: ChangeFeed;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly report: ReportFault;
  /** Aborts when the service stops. */
  readonly stop: AbortSignal;
  readonly logInfo: GraphQLContext['logInfo'];
  /** Reserves bytes for an answer until it is sent; false when too much is held for others. */
  readonly reserve: (exchange: E, bytes: number) => boolean | Promise<boolean>;
  /** Called before each subscription; false when its caller has reached its limit. */
  readonly beginStream: (exchange: E) => boolean;
}

/** A request with its parsed parameters, or with the error, and with its document where it has one. */
export interface Asked<E extends DoorExchange> {
  readonly exchange: E;
  readonly params: RequestParams | undefined;
  readonly problem: unknown;
  readonly checked: CheckedDocument | undefined;
}

type Yoga = YogaServerInstance<Served, GraphQLContext>;

export interface Lanes<E extends DoorExchange> {
  readonly rules: DocumentRules;
  readonly pace: EventPace;
  /** What callers may see of an error. */
  readonly maskError: (error: unknown) => GraphQLError;
  contextOf(exchange: E, signal: () => AbortSignal, params: RequestParams | undefined): GraphQLContext;
  parse(exchange: E, body: Buffer): Asked<E>;
  /** Answers a plain request; false when it is left to Yoga, and nothing was done. */
  answerPlain(asked: Asked<E>): Promise<boolean>;
  /** Hands a request to Yoga. */
  byYoga<T>(asked: Asked<E>, serve: (yoga: Yoga, served: Served) => T | Promise<T>): Promise<T>;
}

const STREAMS: Plugin<object, Served> = {
  onResponse({ response, serverContext: { exchange } }) {
    if (response.headers.get('content-type')?.startsWith('text/event-stream')) exchange.becomeStream();
  },
};

/** Records the operation and the errors of what Yoga answers. */
const createRecordPlugin = (rules: DocumentRules): Plugin<GraphQLContext & Served> => ({
  onExecute({ args }) {
    args.contextValue.exchange.operation = rules.describe(args.document, args.operationName);
  },
  onSubscribe({ args }) {
    args.contextValue.exchange.operation = rules.describe(args.document, args.operationName);
  },
  onResultProcess({ result, serverContext }) {
    if (!('errors' in result) || !result.errors?.length) return;
    const { exchange } = serverContext as unknown as Served;
    exchange.recordErrors(result.errors.map((it) => it.extensions?.['code']));
  },
});

/** The ways to answer a request: directly, and by Yoga. They have to give the same answers. */
export function createLanes<E extends DoorExchange>(options: LanesOptions<E>): Lanes<E> {
  const { store, feed, now, stop, logInfo } = options;
  const maskError = createErrorMask(options.report);
  const contextOf: Lanes<E>['contextOf'] = (exchange, signal, params) => ({
    store,
    loaders: new Loaders(store),
    feed,
    now,
    caller: exchange.caller,
    actor: exchange.caller.actor,
    locale: exchange.locale,
    // A client that has seen nothing sends an empty one.
    lastEventId: exchange.request.headers['last-event-id']?.toString() || undefined,
    signal,
    stop,
    reserve: (bytes) => options.reserve(exchange, bytes),
    beginStream: () => options.beginStream(exchange),
    asksCost: asksCost(exchange, params),
    logInfo,
  });
  const rules = createDocumentRules(options);
  const documents = createDocumentCache(rules);
  const pace = createEventPace();
  let yoga: Promise<Yoga> | undefined;
  // To load it takes a third of a start, and most threads that read never need it.
  async function loadYoga(): Promise<Yoga> {
    const { createYoga } = await import('graphql-yoga');
    return createYoga<Served, GraphQLContext>({
      schema,
      graphqlEndpoint: GRAPHQL_PATH,
      context: ({ exchange, request, params }) => contextOf(exchange as E, () => request.signal, params),
      plugins: [
        createRecordPlugin(rules),
        createMessagePlugin(pace),
        createEnginePlugin(rules, documents),
        STREAMS,
        maskResults(maskError),
      ],
      maskedErrors: { maskError },
      maxRequestBodySize: false,
      // Yoga's cache would keep a thousand documents of any size, invalid ones too; the document cache replaces it.
      parserAndValidationCache: false,
      graphiql: false,
      landingPage: false,
      multipart: false,
      cors: false,
      logging: false,
    });
  }
  const answerPlainPost = createFastLane({
    rules,
    context: (exchange, signal, params) => contextOf(exchange as E, signal, params),
    maskError,
  });

  return {
    rules,
    pace,
    maskError,
    contextOf,
    parse(exchange, body) {
      try {
        const params = parseRequest(exchange, body);
        const query = typeof params === 'object' ? params?.query : undefined;
        const checked = typeof query === 'string' ? documents.read(query) : undefined;
        return { exchange, params, problem: undefined, checked };
      } catch (problem) {
        return { exchange, params: undefined, problem, checked: undefined };
      }
    },
    answerPlain: async ({ exchange, params, checked }) =>
      params !== undefined &&
      checked !== undefined &&
      isPlainPost(exchange.request, params) &&
      (await answerPlainPost(exchange, params, checked)),
    async byYoga({ exchange, params, problem, checked }, serve) {
      const getParams = () => {
        if (problem) throw problem;
        return params as RequestParams;
      };
      const position = { cursor: undefined, isSubscription: false };
      yoga ??= loadYoga();
      return serve(await yoga, { exchange, checked, params: getParams, position });
    },
  };
}
