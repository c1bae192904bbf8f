import { once } from 'node:events';
import { createApp } from './app.ts';
import type { Config } from './config.ts';
import { createLog } from './log.ts';
import { serve } from './serve.ts';
import { openStore } from './store/open.ts';

/** Serves until the signal, then finishes what is in flight. `listening` is told the address, such as it came out. */
export async function runService(
  config: Config,
  stop: AbortSignal,
  listening: (url: string) => void = () => {},
): Promise<void> {
  const log = createLog(config.logLevel);
  await using store = openStore(config.database);
  await using server = await serve(createApp({ ...config, store, log, now: Date.now, stop }), config.host, config.port);
  log.info({ url: server.url, database: config.database.file }, 'listening');
  listening(server.url);
  if (!stop.aborted) await once(stop, 'abort');
  log.info('stopping');
}
