import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { createYoga, type Plugin } from 'graphql-yoga';
import type { Caller } from '../../domain/caller.ts';
import { createLiveTail } from '../../operations/follow-changes.ts';
import type { Store } from '../../store/store.ts';
import { localeOf } from '../../texts/index.ts';
import { type CheckedDocument, createDocumentCache } from '../engine/document-cache.ts';
import { createDocumentRules } from '../engine/document-rules.ts';
import { createInTurn } from '../engine/in-turn.ts';
import type { DocumentLimits } from '../engine/limits.ts';
import { describeOperation } from '../engine/operation-name.ts';
import { schema } from '../schema/index.ts';
import type { GraphQLContext } from '../schema/shared/builder.ts';
import { Loaders } from '../schema/shared/loaders.ts';
import { createEventPace, type StreamPosition } from './event-stream.ts';
import { createFastLane, type FastLane, isPlainPost } from './fast-lane.ts';
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
  readonly reserve: (response: ServerResponse, bytes: number) => boolean;
  /** Called before each subscription; false when its caller has reached its limit. */
  readonly beginStream: (response: ServerResponse, caller: Caller) => boolean;
  /** Called for each answer that becomes a stream, before anything of it is sent. */
  readonly onStream: (response: ServerResponse) => void;
  /** Called with the codes of errors in an answer. */
  readonly onErrors: (response: ServerResponse, codes: readonly unknown[]) => void;
  /** Called with the description of each operation before it is executed. */
  readonly onOperation: (response: ServerResponse, operation: string) => void;
  /** Sends a complete answer. */
  readonly send: FastLane['send'];
  /** Headers of every answer, for those that Yoga sends. */
  readonly headersOf: (response: ServerResponse) => Readonly<Record<string, string>>;
}

const NO_STREAM: StreamPosition = { cursor: undefined, isSubscription: false };

/** Streams: proxies are asked to pass each event on as it comes; nginx would hold it back until its buffer is full. */
const streams = (onStream: GraphQLDoor['onStream']): Plugin<object, Served> => ({
  onResponse({ response, serverContext: { res } }) {
    if (!response.headers.get('content-type')?.startsWith('text/event-stream')) return;
    response.headers.set('X-Accel-Buffering', 'no');
    onStream(res);
  },
});

/** Reports the operation and the errors of what Yoga answers. */
const createReportPlugin = ({ onErrors, onOperation }: GraphQLDoor): Plugin<GraphQLContext & Served> => ({
  onExecute({ args }) {
    onOperation(args.contextValue.res, describeOperation(args.document, args.operationName));
  },
  onSubscribe({ args }) {
    onOperation(args.contextValue.res, describeOperation(args.document, args.operationName));
  },
  onResultProcess({ result, serverContext }) {
    if (!('errors' in result) || !result.errors?.length) return;
    onErrors(
      (serverContext as unknown as Served).res,
      result.errors.map((it) => it.extensions?.['code']),
    );
  },
});

/** A request with its parsed parameters, or with the error. */
interface Asked {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly caller: Caller;
  readonly params: RequestParams | undefined;
  readonly problem: unknown;
}

function asked(request: IncomingMessage, response: ServerResponse, body: Buffer, caller: Caller): Asked {
  try {
    return { request, response, caller, params: parseRequest(request, body), problem: undefined };
  } catch (problem) {
    return { request, response, caller, params: undefined, problem };
  }
}

type Handle = (request: IncomingMessage, response: ServerResponse, body: Buffer, caller: Caller) => Promise<void>;

/**
 * GraphQL over HTTP. The body of a POST is read before it gets here, since its size is limited: Yoga's own limit halves
 * the throughput.
 */
export function createGraphQLDoor(door: GraphQLDoor): Handle {
  const { answerPlain, answerByYoga } = graphqlLanes(door);
  return async (...it) => {
    const request = asked(...it);
    const judged = await answerPlain(request);
    if (judged !== 'answered') await answerByYoga(request, judged);
  };
}

/** Yoga alone, which has to give the same answers as the fast lane. */
export function createYogaDoor(door: GraphQLDoor): Handle {
  const { answerByYoga } = graphqlLanes(door);
  return (...it) => answerByYoga(asked(...it), undefined);
}

function graphqlLanes(door: GraphQLDoor) {
  const tail = createLiveTail(door.store);
  const turns = createInTurn();
  const maskError = createErrorMask(door.report);
  const contextOf = (
    caller: Caller,
    headers: IncomingHttpHeaders,
    response: ServerResponse,
    signal: () => AbortSignal,
    position: StreamPosition,
  ): GraphQLContext => ({
    store: door.store,
    loaders: new Loaders(door.store),
    tail,
    now: door.now,
    caller,
    actor: caller.actor,
    locale: localeOf(headers['accept-language']),
    position,
    // A client that has seen nothing sends an empty one.
    lastEventId: headers['last-event-id']?.toString() || undefined,
    signal,
    stop: door.stop,
    reserve: (bytes) => door.reserve(response, bytes),
    beginStream: () => door.beginStream(response, caller),
    inTurn: turns,
    logInfo: door.logInfo,
  });
  const judge = createDocumentRules(door);
  const documents = createDocumentCache(judge);
  const yoga = createYoga<Served, GraphQLContext>({
    schema,
    graphqlEndpoint: GRAPHQL_PATH,
    context: ({ caller, req, res, request, position }) =>
      contextOf(caller, req.headers, res, () => request.signal, position),
    plugins: [
      createReportPlugin(door),
      createMessagePlugin(createEventPace()),
      createEnginePlugin(judge, documents),
      streams(door.onStream),
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
    judge,
    context: (caller, { headers }, response, signal) => contextOf(caller, headers, response, signal, NO_STREAM),
    maskError,
    onErrors: door.onErrors,
    onOperation: door.onOperation,
    send: door.send,
  });

  return {
    /** Answers a plain request. One that is left to Yoga is returned with its document. */
    async answerPlain({ request, response, caller, params }: Asked): Promise<'answered' | CheckedDocument | undefined> {
      if (!params || !isPlainPost(request, params)) return undefined;
      const judged = documents.read(params.query as string);
      return (await answerPlainPost(request, response, params, judged, caller)) ? 'answered' : judged;
    },
    async answerByYoga(it: Asked, judged: CheckedDocument | undefined): Promise<void> {
      const { request, response, caller } = it;
      for (const [name, value] of Object.entries(door.headersOf(response))) response.setHeader(name, value);
      const params = () => {
        if (it.problem) throw it.problem;
        return it.params as RequestParams;
      };
      const position = { cursor: undefined, isSubscription: false };
      await yoga(request, response, { caller, req: request, res: response, judged, params, position });
    },
  };
}
