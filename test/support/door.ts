import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Caller, LOCAL } from '../../src/domain/caller.ts';
import type { GraphQLDoor } from '../../src/graphql/http/door.ts';
import { createExchanges, type Exchange } from '../../src/http/exchange/exchange.ts';
import { DEFAULT_LIMITS } from '../../src/service/limits.ts';
import type { Store } from '../../src/store/store.ts';
import { NOON } from './start.ts';

/** A door of GraphQL on a port of its own. */
export interface OpenDoor extends AsyncDisposable {
  readonly url: string;
  readonly faults: string[];
  /** The lines of requests that are over, without what differs from one to the next. */
  readonly requests: unknown[];
}

export interface DoorOptions extends Partial<GraphQLDoor> {
  /** Called for each request that begins. */
  readonly onExchange?: (exchange: Exchange) => void;
  /** Who a request comes from; this machine unless it says otherwise. */
  readonly callerOf?: (request: IncomingMessage) => Caller;
}

/** Opens a door by itself, without the pipeline of the service before it. */
export async function openDoor(
  create: (door: GraphQLDoor) => { handle(exchange: Exchange, body: Buffer): Promise<void> },
  store: Store,
  { onExchange, callerOf = () => LOCAL, ...options }: DoorOptions = {},
): Promise<OpenDoor> {
  const stop = new AbortController();
  const faults: string[] = [];
  const requests: unknown[] = [];
  const { handle } = create({
    ...{ store, now: () => NOON, introspection: true, limits: DEFAULT_LIMITS, stop: stop.signal },
    about: { name: undefined, version: '0.0.0' },
    report: (fault) => void faults.push(String(fault)),
    logInfo: () => {},
    reserve: () => true,
    beginStream: () => true,
    maxStreamsPerSocket: 10,
    ...options,
  });
  const watcher = {
    request: ({ id: _, ms: __, ...end }: { id: string; ms: number }) => void requests.push(end),
  };
  const exchanges = createExchanges([watcher as never], () => undefined);
  const server = createServer(async (request, response) => {
    const exchange = exchanges.begin(request, response);
    exchange.caller = callerOf(request);
    onExchange?.(exchange);
    await handle(exchange, Buffer.concat(await request.toArray()));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    faults,
    requests,
    async [Symbol.asyncDispose]() {
      stop.abort();
      server.closeAllConnections();
      server.close();
    },
  };
}
