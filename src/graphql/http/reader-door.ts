import { OperationTypeNode } from 'graphql';
import type { ChangeFeed } from '../../operations/follow-changes.ts';
import type { DoorExchange } from './door-exchange.ts';
import { type Asked, createLanes, type LanesOptions, operationOf } from './lanes.ts';
import { acceptsEventStream, mediaTypeOf } from './media-type.ts';
import { isNotFound } from './persisted-query.ts';
import type { ReaderAnswer, ReaderRequest } from './readers.ts';

/** What the thread with the sockets does for a request that is answered in another one. */
export interface ReaderHooks {
  readonly left: AbortSignal;
  readonly reserve: (bytes: number) => Promise<boolean>;
}

type Answered = Exclude<ReaderAnswer, 'stream'>;

export type ReaderDoor = Omit<LanesOptions<ReaderExchange>, 'feed' | 'reserve' | 'beginStream'>;

/** GraphQL in a thread without sockets: answers requests as a whole. Streams are left to the thread with the sockets. */
export function createReaderDoor(
  door: ReaderDoor,
): (request: ReaderRequest, hooks: ReaderHooks) => Promise<ReaderAnswer> {
  const lanes = createLanes<ReaderExchange>({
    ...door,
    feed: NO_FEED,
    reserve: ({ hooks }, bytes) => hooks.reserve(bytes),
    beginStream: () => false,
  });
  return async (request, hooks) => {
    const exchange = new ReaderExchange(request, hooks);
    const { document } = request;
    if (document) lanes.documents.keep(document.query, document.hash);
    const asked = lanes.parse(exchange, Buffer.from(request.body.buffer));
    if (isStream(asked)) return 'stream';
    if (!(await lanes.answerPlain(asked))) await lanes.byFetch(asked, request.headers);
    const { status, headers, body } = exchange.answer;
    const { operation, codes, hasData } = exchange;
    return { status, headers, body, operation, codes, hasData, ...documentOf(asked) };
  };
}

/** What the thread with the sockets has to know of a document that is named by its hash. */
function documentOf({ hash, params, problem, checked }: Asked<ReaderExchange>): Partial<Answered> {
  if (hash === undefined) return {};
  if (isNotFound(problem)) return { unknownHash: hash };
  const query = params?.query;
  return query !== undefined && checked?.errors.length === 0 ? { learned: { hash, query } } : {};
}

/** Followers wait in the thread with the sockets. */
const NO_FEED: ChangeFeed = {
  tail: undefined,
  follow() {
    throw new Error('a subscription has reached a thread without sockets');
  },
};

/** A mutation as a stream may take long, and its client is sent a sign of life now and then. */
function isStream(asked: Asked<ReaderExchange>): boolean {
  const operation = operationOf(asked);
  if (operation === undefined || operation === OperationTypeNode.QUERY) return false;
  const { accept } = asked.exchange.request.headers;
  if (operation === OperationTypeNode.SUBSCRIPTION) return true;
  return mediaTypeOf(accept) === undefined && acceptsEventStream(accept);
}

/** An exchange whose answer is collected. */
class ReaderExchange implements DoorExchange {
  readonly request: DoorExchange['request'];
  readonly url: string;
  readonly locale: DoorExchange['locale'];
  readonly caller: DoorExchange['caller'];
  readonly hooks: ReaderHooks;
  operation: string | undefined;
  codes: readonly unknown[] | undefined;
  hasData = true;
  answer: Pick<Answered, 'status' | 'headers' | 'body'> = NOTHING;

  constructor({ method, headers, url, locale, caller }: ReaderRequest, hooks: ReaderHooks) {
    this.request = { method, headers };
    this.url = url;
    this.locale = locale;
    this.caller = caller;
    this.hooks = hooks;
  }

  get isGone(): boolean {
    return this.hooks.left.aborted;
  }

  left(): AbortSignal {
    return this.hooks.left;
  }

  recordErrors(codes: readonly unknown[], hasData: boolean): void {
    this.codes = codes;
    this.hasData = hasData;
  }

  becomeStream(): void {}

  sendText(status: number, headers: Readonly<Record<string, string>>, text: string | Buffer): void {
    // Bytes of a buffer may share their memory with others, which cannot be handed over.
    const body = typeof text === 'string' ? ENCODER.encode(text) : new Uint8Array(text);
    this.answer = { status, headers, body };
  }
}

const ENCODER = new TextEncoder();
const NOTHING = { status: 500, headers: {}, body: new Uint8Array() };
