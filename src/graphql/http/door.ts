import { NOBODY } from '../../domain/caller.ts';
import type { Exchange } from '../../http/exchange/exchange.ts';
import type { MessageSocket } from '../../http/exchange/message-socket.ts';
import { type ChangeFeed, createChangeFeed } from '../../operations/follow-changes.ts';
import type { Store } from '../../store/store.ts';
import type { Locale } from '../../texts/index.ts';
import type { GraphQLContext } from '../schema/shared/builder.ts';
import { formatCursor } from '../schema/shared/cursors.ts';
import { Loaders } from '../schema/shared/loaders.ts';
import { createSocketDoor } from '../socket/socket-door.ts';
import type { MainExchange } from './door-exchange.ts';
import { type Asked, createLanes, isSubscription, type Lanes, type LanesOptions } from './lanes.ts';
import { createHandOver, type Readers } from './readers.ts';
import { SHORT_BYTES } from './request.ts';
import { createShareEvents } from './shared-events.ts';
import { createFollow, createStreamLane, type Follow } from './stream-lane.ts';

export interface GraphQLDoor extends Omit<LanesOptions<MainExchange>, 'feed' | 'reserve'> {
  readonly store: Store;
  readonly reserve: (exchange: MainExchange, bytes: number) => boolean;
  /** The threads that answer what takes long; without them it is answered here. */
  readonly readers?: Readers | undefined;
  /** The most open subscriptions of one WebSocket. */
  readonly maxStreamsPerSocket: number;
}

type Handle = (exchange: Exchange, body: Buffer) => Promise<void>;

/** The two ways in, which share documents, followers and threads. */
export interface GraphQLDoors {
  readonly handle: Handle;
  readonly opened: (socket: MessageSocket) => void;
}

/**
 * GraphQL over HTTP and WebSockets. The body of a POST is read before it gets here, since its size is limited: Yoga's own limit
 * halves the throughput.
 */
export function createGraphQLDoor({ readers, ...door }: GraphQLDoor): GraphQLDoors {
  const feed = createChangeFeed(door.store);
  const lanes = createLanes<MainExchange>({ ...door, feed });
  const follow = createFollowers(lanes, door, feed);
  const answerStream = createStreamLane(follow);
  const askReaders = readers && createHandOver<MainExchange>(readers, { ...door, documents: lanes.documents });

  function parseShort<E extends MainExchange>(exchange: E, body: Buffer): Asked<E> | undefined {
    const isLong = body.length > SHORT_BYTES || exchange.url.length > SHORT_BYTES;
    return isLong && askReaders ? undefined : (lanes.parse(exchange, body) as Asked<E>);
  }

  /** Answers what is neither a stream nor left to Yoga; otherwise nothing was done, and the request is returned. */
  async function answerWhole<E extends MainExchange>(
    exchange: E,
    body: Buffer,
    parsed: Asked<E> | undefined,
  ): Promise<Asked<E> | undefined> {
    const takesLong = parsed === undefined || parsed.checked?.isShort === false;
    if (takesLong && (await askReaders?.(exchange, body, parsed?.hash))) return undefined;
    const asked = parsed ?? (lanes.parse(exchange, body) as Asked<E>);
    return (await lanes.answerPlain(asked)) ? undefined : asked;
  }

  return {
    async handle(exchange, body) {
      const asked = await answerWhole(exchange, body, parseShort(exchange, body));
      if (!asked || (await answerStream(asked))) return;
      await answerByYoga(lanes, asked);
    },
    opened: createSocketDoor({
      maxStreams: door.maxStreamsPerSocket,
      maskError: lanes.maskError,
      parse: parseShort,
      async answer(exchange, body, parsed) {
        const asked = await answerWhole(exchange, body, parsed);
        if (!asked || isSubscription(asked)) return asked;
        await lanes.byFetch(asked, exchange.request.headers);
        return undefined;
      },
      follow,
    }),
  };
}

/** Follows the change log for whoever subscribes. */
function createFollowers(
  lanes: Lanes<MainExchange>,
  { store, about, now, stop, logInfo }: GraphQLDoor,
  feed: ChangeFeed,
): Follow {
  const { rules, pace, maskError } = lanes;
  const loaders = new Loaders(store, now);
  /** The context of events, which holds nothing of one follower. */
  const eventContext = (locale: Locale): GraphQLContext => ({
    ...{ store, loaders, feed, about, now, stop, logInfo, locale },
    caller: NOBODY,
    actor: NOBODY.actor,
    lastEventId: undefined,
    signal: () => stop,
    reserve: () => false,
    beginStream: () => false,
    asksCost: false,
  });
  const cursorOf = (seq: number) => formatCursor({ epoch: store.epoch, seq });
  return createFollow({
    rules,
    context: (exchange) => lanes.contextOf(exchange, () => stop, undefined),
    share: createShareEvents({ context: eventContext, cursorOf, maskError }),
    ...{ pace, cursorOf, maskError },
  });
}

/** Yoga alone, which has to give the same answers as the fast lane. */
export function createYogaDoor(door: GraphQLDoor): Pick<GraphQLDoors, 'handle'> {
  const lanes = createLanes<MainExchange>({ ...door, feed: createChangeFeed(door.store) });
  return { handle: (exchange, body) => answerByYoga(lanes, lanes.parse(exchange, body) as Asked<Exchange>) };
}

async function answerByYoga(lanes: Lanes<MainExchange>, asked: Asked<Exchange>): Promise<void> {
  const { exchange } = asked;
  const { request, response } = exchange;
  exchange.setCommonHeaders();
  // Yoga builds a URL of these two; a caller's values must not break it.
  request.url = exchange.url;
  request.headers.host = 'localhost';
  await lanes.byYoga(asked, (yoga, served) => yoga(request, response, served));
}
