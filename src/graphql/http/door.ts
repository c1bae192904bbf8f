// Loaded before the service listens, so that no request waits for it.
import 'graphql-yoga';
import { NOBODY } from '../../domain/caller.ts';
import type { Exchange } from '../../http/exchange/exchange.ts';
import { type ChangeFeed, createChangeFeed } from '../../operations/follow-changes.ts';
import type { Store } from '../../store/store.ts';
import type { Locale } from '../../texts/index.ts';
import type { GraphQLContext } from '../schema/shared/builder.ts';
import { formatCursor } from '../schema/shared/cursors.ts';
import { Loaders } from '../schema/shared/loaders.ts';
import { isPlainPost } from './fast-lane.ts';
import { type Asked, createLanes, type Lanes, type LanesOptions } from './lanes.ts';
import { createHandOver, type Readers } from './readers.ts';
import { createShareEvents } from './shared-events.ts';
import { createStreamLane } from './stream-lane.ts';

export interface GraphQLDoor extends Omit<LanesOptions<Exchange>, 'feed' | 'reserve'> {
  readonly store: Store;
  readonly reserve: (exchange: Exchange, bytes: number) => boolean;
  /** The threads that answer what takes long; without them it is answered here. */
  readonly readers?: Readers | undefined;
}

type Handle = (exchange: Exchange, body: Buffer) => Promise<void>;

/** A request of up to so many bytes is parsed here, so that a short one is known. */
const SHORT_BYTES = 4_096;

/**
 * GraphQL over HTTP. The body of a POST is read before it gets here, since its size is limited: Yoga's own limit halves
 * the throughput.
 */
export function createGraphQLDoor({ readers, ...door }: GraphQLDoor): Handle {
  const feed = createChangeFeed(door.store);
  const lanes = createLanes({ ...door, feed });
  const answerStream = createStreams(lanes, door, feed);
  const askReaders = readers && createHandOver(readers, door);

  return async (exchange, body) => {
    const isLong = body.length > SHORT_BYTES || exchange.url.length > SHORT_BYTES;
    let asked = isLong && askReaders ? undefined : lanes.parse(exchange, body);
    const takesLong = asked === undefined || asked.checked?.isShort === false;
    if (takesLong && (await askReaders?.(exchange, body))) return;
    asked ??= lanes.parse(exchange, body);
    if ((await lanes.answerPlain(asked)) || (await answerStream(asked))) return;
    await answerByYoga(lanes, asked);
  };
}

/** Answers plain requests for streams; followers share what is the same for them. */
function createStreams(lanes: Lanes<Exchange>, { store, now, stop, logInfo }: GraphQLDoor, feed: ChangeFeed) {
  const { rules, pace, maskError } = lanes;
  const loaders = new Loaders(store);
  /** The context of events, which holds nothing of one follower. */
  const eventContext = (locale: Locale): GraphQLContext => ({
    ...{ store, loaders, feed, now, stop, logInfo, locale },
    caller: NOBODY,
    actor: NOBODY.actor,
    lastEventId: undefined,
    signal: () => stop,
    reserve: () => false,
    beginStream: () => false,
    asksCost: false,
  });
  const cursorOf = (seq: number) => formatCursor({ epoch: store.epoch, seq });
  const answer = createStreamLane({
    rules,
    context: (exchange) => lanes.contextOf(exchange, () => stop, undefined),
    share: createShareEvents({ context: eventContext, cursorOf, maskError }),
    ...{ pace, cursorOf, maskError },
  });
  return async ({ exchange, params, checked }: Asked<Exchange>): Promise<boolean> =>
    params !== undefined &&
    checked !== undefined &&
    isPlainPost(exchange.request, params) &&
    (await answer(exchange, params, checked));
}

/** Yoga alone, which has to give the same answers as the fast lane. */
export function createYogaDoor(door: GraphQLDoor): Handle {
  const lanes = createLanes({ ...door, feed: createChangeFeed(door.store) });
  return (exchange, body) => answerByYoga(lanes, lanes.parse(exchange, body));
}

async function answerByYoga(lanes: Lanes<Exchange>, asked: Asked<Exchange>): Promise<void> {
  const { exchange } = asked;
  const { request, response } = exchange;
  exchange.setCommonHeaders();
  // Yoga builds a URL of these two; a caller's values must not break it.
  request.url = exchange.url;
  request.headers.host = 'localhost';
  await lanes.byYoga(asked, (yoga, served) => yoga(request, response, served));
}
