import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import type { Logger } from 'pino';
import program from '../../package.json' with { type: 'json' };
import { createAddressSet, isLoopbackHost } from '../http/access/addresses.ts';
import { clientAddress } from '../http/access/client-address.ts';
import { createExchanges } from '../http/exchange/exchange.ts';
import { listen, NoTokenError } from '../http/server/listen.ts';
import { databaseText, isFile, narrowDatabase, openServiceStore } from '../store/open.ts';
import type { Opened } from '../store/store.ts';
import { createLog, reportStorage } from '../telemetry/log.ts';
import { createMetrics } from '../telemetry/metrics.ts';
import { createProcessMetrics } from '../telemetry/process-metrics.ts';
import type { Config } from './config.ts';

/** Every read is bounded, so this is far more than any takes. */
const READ_DEADLINE_MS = 30_000;
/** What a thread has at once where it waits for a server: it parses one request while the other one is read. */
const READS_AT_ONCE = 2;
/** How long a busy client may take between an answer and its next request. */
const IDLE_BEFORE_CLOSE_MS = 250;

/** Serves until the signal, then finishes what is in flight. `listening` is called with the address that it listens on. */
export async function runService(
  config: Config,
  stop: AbortSignal,
  listening: (url: string) => void = () => {},
): Promise<void> {
  // What one request needs is over with it. V8 places objects into old memory when others from the same line once lived long, and there they
  // keep all of their request until a full collection: pauses of 9 to 20 ms, where there are 2 ms without.
  setFlagsFromString('--no-allocation-site-pretenuring');
  const { log, request } = createLog(config.logLevel, config.instance);
  const metrics = createMetrics(createProcessMetrics(program.version, config.instance ?? hostname()));
  const proxies = createAddressSet(config.trustedProxies);
  const exchanges = createExchanges([{ request }, metrics], (it) => clientAddress(it, proxies).address);
  const { database } = config;
  const about = { name: config.serviceName, version: program.version };
  const opening = openServiceStore(database, {
    onWriterEnd: endProcess(log),
    onCommit: metrics.commit,
    onWait: metrics.queueWait,
    onClockBack: warnOnce(log),
    onStorage: reportStorage(log),
  });
  // The rest is loaded while the writer's thread opens the database.
  const [opened, { createApp }, { createReaderPool }] = await Promise.all([
    opening,
    import('./app.ts'),
    import('./readers/reader-pool.ts'),
  ]);
  await using store = opened;
  const named = databaseText(database);
  log.info(openedFields(named, store.opened), 'database opened');
  for (const it of isFile(database) ? narrowDatabase(database) : []) log.warn(it, 'other users could read this file');
  const guarded = await store.hasToken();
  if (!guarded && !isLoopbackHost(config.host)) throw new NoTokenError(firstMakeAToken(config));
  const ending = new AbortController();
  await using readers = createReaderPool({
    threads: config.limits.readerThreads,
    atOnce: isFile(database) ? 1 : READS_AT_ONCE,
    maxWaiting: config.limits.waitingReads,
    deadline: READ_DEADLINE_MS,
    connect: store.connect,
    rules: { limits: config.limits, introspection: config.introspection },
    about,
    report: (fault) => log.error({ err: fault }, 'fault'),
    logInfo: (fields, message) => log.info(fields, message),
    stop: ending.signal,
  });
  await using server = await listen(
    createApp({
      ...config,
      about,
      store,
      readers,
      log,
      exchanges,
      metrics,
      now: Date.now,
      draining: stop,
      stop: ending.signal,
    }),
    {
      ...exchanges,
      host: config.host,
      port: config.port,
      idleBeforeCloseMs: IDLE_BEFORE_CLOSE_MS,
      limits: config.limits,
    },
  );
  log.info({ url: server.url, database: named }, 'listening');
  const files = tooFewFiles(config.limits.connections);
  if (files)
    log.warn(files, 'too few open files for MAX_CONNECTIONS: raise LimitNOFILE or ulimit -n, or lower MAX_CONNECTIONS');
  if (!guarded) log.warn('there is no token: only this machine is served, as actor local');
  listening(server.url);
  if (!stop.aborted) await once(stop, 'abort');
  log.info('stopping');
  // Load balancers see that this service is not ready, and use another one.
  if (config.drainSeconds > 0) await sleep(config.drainSeconds * 1_000);
  ending.abort(stop.reason);
  // What was answered before may be lost with the file, so the exit code says so.
  if ((await store.checkFiles()) !== undefined) process.exitCode = 1;
}

const openedFields = (file: string, { isNew, migrated: { from, to }, copy }: Opened) => ({
  database: file,
  new: isNew,
  schema: to,
  ...(!isNew && from !== to && { migrated: `schema ${from} -> ${to}` }),
  ...(copy !== undefined && { copy }),
});

/** A clock that is behind the log stays so for many commits: one line is enough. */
function warnOnce(log: Logger): (ms: number) => void {
  let warned = false;
  return (ms) => {
    if (!warned) log.warn({ ms }, 'the clock is behind the newest change in the log: later changes have earlier times');
    warned = true;
  };
}

/** Without a writer nothing can be stored, and what it has not answered is not promised. */
const endProcess = (log: Logger) => (error: Error) => {
  log.fatal({ err: error }, 'the writer ended');
  process.exit(1);
};

const firstMakeAToken = ({ host, database }: Config): string =>
  `There is no token in ${databaseText(database)}, and without one only this machine may be served, not ${host}. Make one first:

  ${isFile(database) ? `DATABASE_URL='file:${database.file}' ` : ''}npm run token -- create NAME --scope admin

Or set HOST to 127.0.0.1.`;

/** What the process needs beside its connections: those that are refused above the limit, and files of its own. */
const OTHER_FILES = 250;

/** How many files the process may open, and how many it needs for so many connections, when that is too few. */
function tooFewFiles(connections: number): { readonly limit: number; readonly needed: number } | undefined {
  const limit = openFilesLimit();
  const needed = connections + OTHER_FILES;
  return limit !== undefined && limit < needed ? { limit, needed } : undefined;
}

/** Known on Linux alone; unlimited is `undefined`. Node has raised the soft limit as far as it may. */
function openFilesLimit(): number | undefined {
  let limits: string;
  try {
    limits = readFileSync('/proc/self/limits', 'utf8');
  } catch {
    return undefined;
  }
  const [, soft] = /^Max open files\s+(\d+)/m.exec(limits) ?? [];
  return soft === undefined ? undefined : Number(soft);
}
