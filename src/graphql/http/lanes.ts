import { type ExecutionResult, type GraphQLError, getOperationAST, OperationTypeNode } from 'graphql';
import type { Plugin, YogaServerInstance } from 'graphql-yoga';
import type { ChangeFeed } from '../../operations/follow-changes.ts';
import type { ThreadStore } from '../../store/store.ts';
import { type CheckedDocument, createDocumentCache, type DocumentCache } from '../engine/document-cache.ts';
import { createDocumentRules, type DocumentRules, type DocumentRulesOptions } from '../engine/document-rules.ts';
import { schema } from '../schema/index.ts';
import type { About, GraphQLContext } from '../schema/shared/builder.ts';
import { Loaders } from '../schema/shared/loaders.ts';
import { recordErrors } from './answer.ts';
import type { DoorExchange } from './door-exchange.ts';
import { createEventPace, type EventPace } from './event-pace.ts';
import { arePlain, createFastLane } from './fast-lane.ts';
import { createErrorMask, maskResults, type ReportFault } from './mask-errors.ts';
import { persistedHash, persistedText } from './persisted-query.ts';
import { asksCost, parseRequest, type RequestParams } from './request.ts';
import type { Served } from './served.ts';
import { createEnginePlugin, createMessagePlugin } from './yoga-plugins.ts';

export const GRAPHQL_PATH = '/graphql';

/** What the lanes need, in whatever thread; `E` is an exchange of that thread. */
export interface LanesOptions<E extends DoorExchange> extends DocumentRulesOptions {
  readonly store: ThreadStore;
  readonly feed: ChangeFeed;
  readonly about: About;
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
  /** The hash by which the request names its document. */
  readonly hash: string | undefined;
}

type Yoga = YogaServerInstance<Served, GraphQLContext>;

export interface Lanes<E extends DoorExchange> {
  readonly rules: DocumentRules;
  readonly documents: DocumentCache;
  readonly pace: EventPace;
  /** What callers may see of an error. */
  readonly maskError: (error: unknown) => GraphQLError;
  contextOf(exchange: E, signal: () => AbortSignal, params: RequestParams | undefined): GraphQLContext;
  parse(exchange: E, body: Buffer): Asked<E>;
  /** Answers a plain request; false when it is left to Yoga, and nothing was done. */
  answerPlain(asked: Asked<E>): Promise<boolean>;
  /** Hands a request to Yoga, which answers with a web response. */
  byFetch(asked: Asked<E>, headers: Readonly<Record<string, string>>): Promise<void>;
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
    recordErrors((serverContext as unknown as Served).exchange, result as ExecutionResult);
  },
});

/** Which kind of operation a request asks for, if its document is valid. */
export function operationOf({ params, checked }: Asked<DoorExchange>): OperationTypeNode | undefined {
  if (!params || !checked?.document || checked.errors.length > 0) return undefined;
  return getOperationAST(checked.document, params.operationName)?.operation;
}

export const isSubscription = (asked: Asked<DoorExchange>): boolean =>
  operationOf(asked) === OperationTypeNode.SUBSCRIPTION;

/** The ways to answer a request: directly, and by Yoga. They have to give the same answers. */
export function createLanes<E extends DoorExchange>(options: LanesOptions<E>): Lanes<E> {
  const { store, feed, now, stop, logInfo } = options;
  const maskError = createErrorMask(options.report);
  const contextOf: Lanes<E>['contextOf'] = (exchange, signal, params) => ({
    store,
    loaders: new Loaders(store, now),
    feed,
    about: options.about,
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
  // Only what the other lanes leave needs it, so it is loaded by the first such request: that costs 50 ms, and cost a tenth of each start.
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

  function parse(exchange: E, body: Buffer): Asked<E> {
    let hash: string | undefined;
    try {
      const sent = parseRequest(exchange, body);
      hash = persistedHash(sent);
      const isNamed = hash !== undefined && sent.query == null;
      const params = isNamed ? { ...sent, query: persistedText(documents, hash as string) } : sent;
      const query = params?.query;
      const checked = typeof query === 'string' ? documents.read(query, hash) : undefined;
      return { exchange, params, problem: undefined, checked, hash };
    } catch (problem) {
      return { exchange, params: undefined, problem, checked: undefined, hash };
    }
  }

  async function byYoga<T>(
    { exchange, params, problem, checked }: Asked<E>,
    serve: (yoga: Yoga, served: Served) => T | Promise<T>,
  ): Promise<T> {
    const getParams = () => {
      if (problem) throw problem;
      return params as RequestParams;
    };
    const position = { cursor: undefined, isSubscription: false };
    yoga ??= loadYoga();
    return serve(await yoga, { exchange, checked, params: getParams, position });
  }

  return {
    rules,
    documents,
    pace,
    maskError,
    contextOf,
    parse,
    answerPlain: async ({ exchange, params, checked }) =>
      params !== undefined &&
      checked !== undefined &&
      exchange.request.method === 'POST' &&
      arePlain(params) &&
      (await answerPlainPost(exchange, params, checked)),
    byYoga,
    async byFetch(asked, headers) {
      const { exchange } = asked;
      const { method } = exchange.request;
      const init = { method, headers, signal: exchange.left() } as RequestInit;
      const response = await byYoga(asked, (yoga, served) =>
        yoga.fetch(`http://localhost${exchange.url}`, init, served),
      );
      const { 'content-length': _, ...answered } = Object.fromEntries(response.headers);
      exchange.sendText(response.status, answered, Buffer.from(await response.arrayBuffer()));
    },
  };
}
