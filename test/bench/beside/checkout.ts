// The programs of a checkout of the service, started as its own npm scripts start them.
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { COMPILE_CACHE } from '../../support/compile-cache.ts';
import { type Exit, type Spawned, spawnProgram } from '../../support/spawn.ts';

export interface Checkout {
  readonly root: string;
  readonly scripts: Readonly<Record<string, string>>;
}

/** The checkout whose server is this file, `src/server.ts` in it. */
export function checkoutOf(server: string): Checkout {
  const root = dirname(dirname(server));
  return { root, scripts: JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).scripts };
}

export const THIS_CHECKOUT = checkoutOf(fileURLToPath(new URL('../../../src/server.ts', import.meta.url)));

const LOOP_DELAY = fileURLToPath(new URL('../loop-delay.ts', import.meta.url));
/** Watches the event loop of a process, see `loop-delay.ts`. */
export const WATCHED = { NODE_OPTIONS: `--import=${LOOP_DELAY}` };

export const startServer = (checkout: Checkout, file: string): Spawned =>
  startScript(checkout, 'start', [], { DATABASE_URL: `file:${file}`, PORT: '0', ...WATCHED });

export function startScript(
  { root, scripts }: Checkout,
  script: string,
  args: readonly string[],
  env: Record<string, string>,
): Spawned {
  return spawnProgram('sh', ['-c', `${scripts[script]} "$@"`, 'sh', ...args], {
    cwd: root,
    env: {
      PATH: `${dirname(process.execPath)}:${process.env['PATH']}`,
      ...COMPILE_CACHE,
      ...env,
    },
  });
}

export async function runCommand(
  checkout: Checkout,
  file: string,
  script: string,
  args: readonly string[],
): Promise<Exit> {
  await using command = startScript(checkout, script, args, { DATABASE_URL: `file:${file}` });
  const exit = await command.exit;
  if (exit.code !== 0) throw new Error(`${script} ended with ${exit.code}: ${exit.stderr}`);
  return exit;
}
