import { CONSOLE_PATH } from '../../console/door.ts';
import { CannotListenError } from '../../http/server/listen.ts';
import { REST_PATH } from '../../rest/address.ts';
import { type Config, configFromEnv } from '../../service/config.ts';
import { runService } from '../../service/run-service.ts';
import { createCommand, DONE, type Terminal, UsageError } from '../command.ts';
import { openDatabase } from '../database.ts';
import { actSample, createSampleClock, importSample } from '../demo-sample.ts';

const USAGE = `Usage: npm run demo

Creates a database of its own with sample buildings and a day of changes, and serves it. Intercom 1 has flats 1 to 40, with keys and users.

Environment: DATABASE_URL (file:data/demo.db), HOST (127.0.0.1), PORT (4000, or any free one when that is in use).
`;

/** Apart from the real database, which the demo never touches. */
const DEMO_DATABASE = 'file:data/demo.db';

export const run = createCommand(
  { usage: USAGE, positionals: true, options: {} },
  async ({ positionals }, env, terminal) => {
    if (positionals.length > 0) throw new UsageError('The demo takes no arguments.');
    const config = configFromEnv({ ...env, DATABASE_URL: env['DATABASE_URL']?.trim() || DEMO_DATABASE });
    await fill(config, terminal);
    await serveDemo(config, !env['PORT']?.trim(), terminal);
    return DONE;
  },
);

/** A new database gets a history, too; one that exists keeps its own. */
async function fill(config: Config, terminal: Terminal): Promise<void> {
  const clock = createSampleClock();
  await using store = await openDatabase(config.database, terminal, { now: clock.now });
  await importSample(store);
  if (store.opened.isNew) await actSample(store, clock);
}

async function serveDemo(config: Config, anyPort: boolean, { out, signal }: Terminal): Promise<void> {
  const invite = (url: string) => out(invitation(url, config));
  try {
    await runService(config, signal, invite);
  } catch (error) {
    if (!(anyPort && error instanceof CannotListenError)) throw error;
    out(`Port ${config.port} is taken; taking another one.\n`);
    await runService({ ...config, port: 0 }, signal, invite);
  }
}

const invitation = (url: string, { console, graphiql }: Config): string => `
The demo is running, for trying out: it has no tokens, so everybody on this machine may do everything.

${console ? `The console for staff, in the browser:\n\n${url}${CONSOLE_PATH}\n\n` : ''}Switch the analog line of flat 10 off, as a billing script would:

curl -X PATCH ${url}${REST_PATH} \\
  -H 'Content-Type: application/json' \\
  -d '{"intercom_id": 1, "flat": 10, "is_analog_line_available": false}'

${graphiql === false ? '' : `Try GraphQL in the browser, with examples in its tabs:\n\n${url}/graphql\n\n`}Ctrl+C stops it.
`;
