import { createYoga, type Plugin } from 'graphql-yoga';
import type { Exchange } from '../../http/exchange/exchange.ts';
import { createChangeFeed } from '../../operations/follow-changes.ts';
import type { Store } from '../../store/store.ts';
import { type CheckedDocument, createDocumentCache } from '../engine/document-cache.ts';
import { createDocumentRules, type DocumentRules } from '../engine/document-rules.ts';
import { createInTurn } from '../engine/in-turn.ts';
import type { DocumentLimits } from '../engine/limits.ts';
import { schema } from '../schema/index.ts';
import type { GraphQLContext } from '../schema/shared/builder.ts';
import { Loaders } from '../schema/shared/loaders.ts';
import { createEventPace, type StreamPosition } from './event-stream.ts';
import { createFastLane, isPlainPost } from './fast-lane.ts';
import { createErrorMask, maskResults, type ReportFault } from './mask-errors.ts';
import { parseRequest, type RequestParams } from './request.ts';
import type { Served } from './served.ts';
import { createEnginePlugin, createMessagePlugin } from './yoga-plugins.ts';

export const GRAPHQL_PATH = '/graphql';

export interface GraphQLDoor {
  readonly store: Store;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly introspection: boolean;
  readonly limits: DocumentLimits;
  readonly report: ReportFault;
  /** Aborts when the service stops. */
  readonly stop: AbortSignal;
  readonly logInfo: GraphQLContext['logInfo'];
  /** Reserves bytes for an answer until it is sent; false when too much is held for others. */
  readonly reserve: (exchange: Exchange, bytes: number) => boolean;
  /** Called before each subscription; false when its caller has reached its limit. */
  readonly beginStream: (exchange: Exchange) => boolean;
}

const NO_STREAM: StreamPosition = { cursor: undefined, isSubscription: false };

/** Streams: proxies are asked to pass each event on as it comes; nginx would hold it back until its buffer is full. */
const STREAMS: Plugin<object, Served> = {
  onResponse({ response, serverContext: { exchange } }) {
    if (!response.headers.get('content-type')?.startsWith('text/event-stream')) return;
    response.headers.set('X-Accel-Buffering', 'no');
    exchange.becomeStream();
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

/** A request with its parsed parameters, or with the error. */
interface Asked {
  readonly exchange: Exchange;
  readonly params: RequestParams | undefined;
  readonly problem: unknown;
}

function parse(exchange: Exchange, body: Buffer): Asked {
  try {
    return { exchange, params: parseRequest(exchange, body), problem: undefined };
  } catch (problem) {
    return { exchange, params: undefined, problem };
  }
}

type Handle = (exchange: Exchange, body: Buffer) => Promise<void>;

/**
 * GraphQL over HTTP. The body of a POST is read before it gets here, since its size is limited: Yoga's own limit halves
 * the throughput.
 */
export function createGraphQLDoor(door: GraphQLDoor): Handle {
  const { answerPlain, answerByYoga } = createLanes(door);
  return async (exchange, body) => {
    const asked = parse(exchange, body);
    const checked = await answerPlain(asked);
    if (checked !== 'answered') await answerByYoga(asked, checked);
  };
}

/** Yoga alone, which has to give the same answers as the fast lane. */
export function createYogaDoor(door: GraphQLDoor): Handle {
  const { answerByYoga } = createLanes(door);
  return (exchange, body) => answerByYoga(parse(exchange, body), undefined);
}

function createLanes(door: GraphQLDoor) {
  const feed = createChangeFeed(door.store);
  const turns = createInTurn();
  const maskError = createErrorMask(door.report);
  const contextOf = (exchange: Exchange, signal: () => AbortSignal, position: StreamPosition): GraphQLContext => ({
    store: door.store,
    loaders: new Loaders(door.store),
    feed,
    now: door.now,
    caller: exchange.caller,
    actor: exchange.caller.actor,
    locale: exchange.locale,
    position,
    // A client that has seen nothing sends an empty one.
    lastEventId: exchange.request.headers['last-event-id']?.toString() || undefined,
    signal,
    stop: door.stop,
    reserve: (bytes) => door.reserve(exchange, bytes),
    beginStream: () => door.beginStream(exchange),
    inTurn: turns,
    logInfo: door.logInfo,
  });
  const rules = createDocumentRules(door);
  const documents = createDocumentCache(rules);
  const yoga = createYoga<Served, GraphQLContext>({
    schema,
    graphqlEndpoint: GRAPHQL_PATH,
    context: ({ exchange, request, position }) => contextOf(exchange, () => request.signal, position),
    plugins: [
      createRecordPlugin(rules),
      createMessagePlugin(createEventPace()),
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
  const answerPlainPost = createFastLane({
    rules,
    context: (exchange, signal) => contextOf(exchange, signal, NO_STREAM),
    maskError,
  });

  return {
    /** Answers a plain request. One that is left to Yoga is returned with its document. */
    async answerPlain({ exchange, params }: Asked): Promise<'answered' | CheckedDocument | undefined> {
      if (!params || !isPlainPost(exchange.request, params)) return undefined;
      const checked = documents.read(params.query as string);
      return (await answerPlainPost(exchange, params, checked)) ? 'answered' : checked;
    },
    async answerByYoga({ exchange, params, problem }: Asked, checked: CheckedDocument | undefined): Promise<void> {
      const { request, response } = exchange;
      exchange.setCommonHeaders();
      // Yoga builds a URL of these two; a caller's values must not break it.
      request.url = exchange.url;
      request.headers.host = 'localhost';
      const getParams = () => {
        if (problem) throw problem;
        return params as RequestParams;
      };
      const position = { cursor: undefined, isSubscription: false };
      await yoga(request, response, { exchange, checked, params: getParams, position });
    },
  };
}
