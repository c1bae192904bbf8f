import type { Scope } from '../../src/domain/caller.ts';
import type { FlatRow } from '../../src/domain/import-row.ts';
import { createAddressSet } from '../../src/http/access/addresses.ts';
import { clientAddress } from '../../src/http/access/client-address.ts';
import { createExchanges } from '../../src/http/exchange/exchange.ts';
import { listen } from '../../src/http/server/listen.ts';
import { createToken } from '../../src/operations/tokens.ts';
import { REST_PATH } from '../../src/rest/address.ts';
import { type AppDeps, createApp } from '../../src/service/app.ts';
import { DEFAULT_LIMITS, type Limits } from '../../src/service/limits.ts';
import { openStore } from '../../src/store/open.ts';
import type { Store } from '../../src/store/store.ts';
import { createLogTo, reportStorage } from '../../src/telemetry/log.ts';
import { createMetrics } from '../../src/telemetry/metrics.ts';
import { createProcessMetrics } from '../../src/telemetry/process-metrics.ts';
import { NOON } from './noon.ts';
import { TESTER } from './origin.ts';
import { clientOfFile, clientOfServer, type OtherClient } from './other-client.ts';
import { newDatabase } from './postgres.ts';
import { openPostgresStore } from './postgres-world.ts';
import { tempFolder } from './temp-folder.ts';

export { NOON };

export interface World extends AsyncDisposable, OtherClient {
  readonly url: string;
  readonly store: Store;
  /** The database's file, on SQLite. */
  readonly file: string;
  /** Lines that the service logged at level error, with what went wrong. */
  readonly faults: string[];
  /** Lines for the operator at level info. */
  readonly told: string[];
  /** The lines of requests that are over. */
  readonly requests: string[];
  /** Sends the legacy PATCH; an object as JSON, a text as it is. */
  patch(body: unknown, headers?: Record<string, string>): Promise<RestAnswer>;
  /** Makes a token, of the scope's name unless it gets another one, and returns the header that shows it. */
  bearer(scope: Scope, name?: string): Promise<{ authorization: string }>;
  gql(query: string, variables?: object, headers?: Record<string, string>): Promise<GqlAnswer>;
}

export interface RestAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: unknown;
}

// biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape
export type GqlAnswer = { readonly status: number; readonly data?: any; readonly errors?: any };

export interface StartOptions
  extends Partial<
    Pick<AppDeps, 'host' | 'trustedNetworks' | 'trustedProxies' | 'corsOrigins' | 'minFreeBytes' | 'draining'>
  > {
  readonly flats?: readonly FlatRow[];
  /** The database's file, where it should not be in a folder of its own. */
  readonly file?: string;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
  readonly graphiql?: AppDeps['graphiql'];
  readonly introspection?: boolean;
  readonly console?: boolean;
  readonly serviceName?: string;
  /** What differs from the defaults. */
  readonly limits?: Partial<Limits>;
  /** How long a write waits for the lock of another process. */
  readonly lockTimeoutMs?: number;
}

/** The dialect of the databases that tests leave to `start`: `sqlite`, or `postgres`. */
export const STORE = process.env['STORE'] ?? 'sqlite';

const PROCESS_METRICS = createProcessMetrics('0.0.0', 'test');

/** The whole service on a free port, on a database of its own. */
export async function start(options: StartOptions = {}): Promise<World> {
  const folder = await tempFolder();
  const { file = folder.file('flats.db'), now = () => NOON, lockTimeoutMs = 5_000 } = options;
  const metrics = createMetrics(PROCESS_METRICS);
  const stop = new AbortController();
  const faults: string[] = [];
  const told: string[] = [];
  const write = (line: string) => void (line.startsWith('{"level":30') ? told : faults).push(line);
  const requests: string[] = [];
  const { log, request } = createLogTo({ write }, 'info', { write: (line) => void requests.push(line) });
  const onStorage = reportStorage(log);
  const observers = { onCommit: metrics.commit, onWait: metrics.queueWait, onStorage };
  const database = STORE === 'postgres' && options.file === undefined ? await newDatabase() : undefined;
  const store =
    database !== undefined
      ? await openPostgresStore(database, { now, patienceMs: lockTimeoutMs, ...observers })
      : openStore({ file }, { now, lockTimeoutMs, ...observers });
  const client = database === undefined ? clientOfFile(file) : clientOfServer(database);
  if (options.flats) {
    await store.importRows(TESTER, options.flats);
    await client.forgetImports();
    // The store has to see this write before a test moves the file away.
    await store.checkFiles();
  }
  const proxies = createAddressSet(options.trustedProxies ?? []);
  const exchanges = createExchanges([{ request }, metrics], (it) => clientAddress(it, proxies).address);
  const app = {
    graphiql: true,
    introspection: true,
    console: true,
    host: '127.0.0.1',
    trustedNetworks: [],
    trustedProxies: [],
    corsOrigins: [],
    minFreeBytes: 0,
    draining: stop.signal,
    about: { name: options.serviceName, version: '0.0.0' },
    ...options,
    limits: { ...DEFAULT_LIMITS, ...options.limits },
  };
  const server = await listen(createApp({ ...app, store, log, exchanges, metrics, now, stop: stop.signal }), {
    ...exchanges,
    host: app.host,
    port: 0,
    idleBeforeCloseMs: 0,
    limits: app.limits,
  });

  return {
    ...client,
    url: server.url,
    store,
    file,
    faults,
    told,
    requests,
    async patch(body, headers = {}) {
      const response = await fetch(server.url + REST_PATH, {
        method: 'PATCH',
        headers: { 'content-type': 'application/json', ...headers },
        body: typeof body === 'string' || Buffer.isBuffer(body) ? (body as string) : JSON.stringify(body),
      });
      const text = await response.text();
      return { status: response.status, headers: response.headers, body: text === '' ? undefined : JSON.parse(text) };
    },
    async bearer(scope, name = scope) {
      const created = await createToken(store, name, scope);
      if (created.kind === 'refused') throw new Error(created.problem);
      return { authorization: `Bearer ${created.token}` };
    },
    async gql(query, variables, headers = {}) {
      const response = await fetch(`${server.url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify({ query, variables }),
      });
      return { status: response.status, ...(await response.json()) };
    },
    async [Symbol.asyncDispose]() {
      stop.abort();
      await server[Symbol.asyncDispose]();
      await store[Symbol.asyncDispose]();
      await folder[Symbol.asyncDispose]();
    },
  };
}

/** Intercom 1 with flats 10 (record id 1, two keys, one user) and 11 (id 2); intercom 2 with flat 10 (id 3). */
export const BUILDING: readonly FlatRow[] = [
  { intercomId: 1, flat: 10, lines: {}, keys: ['A1', 'A2'], users: ['anna'] },
  { intercomId: 1, flat: 11, lines: { landlineSip: false } },
  { intercomId: 2, flat: 10, lines: {} },
];
