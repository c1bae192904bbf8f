import { once } from 'node:events';
import { createApp } from './app.ts';
import type { Config } from './config.ts';
import { isLoopbackHost } from './http/addresses.ts';
import { createLog } from './log.ts';
import { serve, Unguarded } from './serve.ts';
import { openStore } from './store/open.ts';

/** Serves until the signal, then finishes what is in flight. `listening` is told the address, such as it came out. */
export async function runService(
  config: Config,
  stop: AbortSignal,
  listening: (url: string) => void = () => {},
): Promise<void> {
  const log = createLog(config.logLevel);
  await using store = openStore(config.database);
  const guarded = await store.hasToken();
  if (!guarded && !isLoopbackHost(config.host)) throw new Unguarded(firstMakeAToken(config));
  const app = createApp({ ...config, store, log, now: Date.now, stop });
  await using server = await serve(app, config.host, config.port, config.limits);
  log.info({ url: server.url, database: config.database.file }, 'listening');
  if (!guarded) log.warn('there is no token: only this machine is served, as actor local');
  listening(server.url);
  if (!stop.aborted) await once(stop, 'abort');
  log.info('stopping');
}

const firstMakeAToken = ({ host, database }: Config): string =>
  `There is no token in ${database.file}, and without one only this machine may be served, not ${host}. Make one first:

  DATABASE_URL='file:${database.file}' npm run token -- create NAME --scope admin

Or set HOST to 127.0.0.1.`;
