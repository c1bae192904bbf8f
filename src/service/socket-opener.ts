import { accessOf, type Caller } from '../domain/caller.ts';
import { STORAGE_ANSWERS, type StorageProblem } from '../domain/storage-problem.ts';
import { type Denial, denialOf, rateLimited, unavailable } from '../http/access/denial.ts';
import type { Identify } from '../http/access/identify.ts';
import type { CountRequest } from '../http/access/rate-limits.ts';
import type { ByteBudget } from '../http/exchange/byte-budget.ts';
import type { Exchange, Exchanges } from '../http/exchange/exchange.ts';
import type { Refusal } from '../http/exchange/message-socket.ts';
import type { SocketRoute } from '../http/exchange/route.ts';
import type { Streams } from '../http/exchange/streams.ts';
import { createWebSockets, type OpenSocket } from '../http/server/web-sockets.ts';
import { StorageError, type Store } from '../store/store.ts';
import { textsOf } from '../texts/index.ts';

interface SocketOpener {
  readonly store: Store;
  readonly identify: Identify;
  readonly countRequest: CountRequest;
  readonly exchanges: Exchanges;
  readonly streams: Streams;
  readonly bodies: ByteBudget;
  /** How long a message may take to arrive, in milliseconds. */
  readonly messageTimeout: number;
}

/** There are no headers to tell the rest of a limit in. */
const NO_HEADERS = { setHeader: () => NO_HEADERS as never };

/** Opens WebSockets, whose messages are identified and counted like requests. */
export function createSocketOpener(opener: SocketOpener) {
  const { store, identify, countRequest, exchanges, streams, bodies, messageTimeout } = opener;
  const openers = new Map<SocketRoute, OpenSocket>();

  async function admit({ request, locale }: Exchange, authorization: string | undefined): Promise<Caller | Denial> {
    const storage = (problem: StorageProblem) => {
      const { code, retryAfter } = STORAGE_ANSWERS[problem];
      return unavailable(code, textsOf(locale).storage[problem], retryAfter);
    };
    if (store.lost() !== undefined) return storage('lost');
    const { socket, url, httpVersion } = request;
    const arrived = { socket, url, httpVersion, headers: { ...request.headers, authorization } };
    const caller = await identify(arrived, false).catch(storageProblemOf);
    if (typeof caller === 'object' && 'problem' in caller) return storage(caller.problem);
    const excess = await countRequest(arrived, NO_HEADERS, caller);
    if (excess) return rateLimited(excess, locale);
    if (typeof caller === 'string') return denialOf(caller, 'read', locale);
    const access = accessOf(caller, 'read');
    return access === 'granted' ? caller : denialOf(access, 'read', locale);
  }

  return (exchange: Exchange, route: SocketRoute): void => {
    const open = openers.get(route) ?? createWebSockets({ ...route, messageTimeout, bodies });
    openers.set(route, open);
    const access = {
      admit: async (authorization: string | undefined) => {
        const admitted = await admit(exchange, authorization);
        return 'status' in admitted ? refusalOf(admitted) : admitted;
      },
      watch: streams.watch,
      begin: () => exchanges.beginMessage(exchange),
    };
    open(exchange, access, route.opened);
  };
}

function refusalOf({ status, code, message, headers }: Denial): Refusal {
  const seconds = headers['Retry-After'];
  return { status, code, message, retryAfter: seconds === undefined ? undefined : Number(seconds) };
}

/** What a fault of the storage is; other faults are thrown on. */
export function storageProblemOf(fault: unknown): StorageError {
  if (fault instanceof StorageError) return fault;
  throw fault;
}
