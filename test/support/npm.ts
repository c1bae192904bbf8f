import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { COMPILE_CACHE } from './compile-cache.ts';
import { tempFolder } from './temp-folder.ts';
import { until } from './until.ts';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** The environment of a shell of this machine: without what the npm around the tests has put into it. */
export const shellEnv = (): Record<string, string> => {
  const outer = Object.entries(process.env).filter(([name]) => !/^npm_/i.test(name)) as [string, string][];
  const path = (process.env['PATH'] ?? '').split(':').filter((it) => !it.endsWith('node_modules/.bin'));
  return {
    ...Object.fromEntries(outer),
    PATH: path.join(':'),
    ...COMPILE_CACHE,
    npm_config_update_notifier: 'false',
  };
};

/** npm, and what it started, in a folder of their own with a database. */
export interface Npm extends AsyncDisposable {
  readonly child: ChildProcess;
  readonly database: string;
  output(): string;
  /** Waits for the first match in what npm and its program print; fails when npm ends without it. */
  printed(pattern: RegExp): Promise<string>;
  /** The ids of the processes that npm has started and that still run, whoever is their parent by now. */
  programs(): Promise<number[]>;
  /** Resolves when npm is gone and everything that it started, too. */
  readonly ended: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>;
}

export interface NpmOptions {
  readonly env?: Record<string, string>;
  /** The checkout in which npm runs. */
  readonly cwd?: string;
  /** A command that runs npm, in place of npm itself. */
  readonly through?: readonly [string, ...string[]];
}

/** Starts npm, such as an operator does. Its standard input stays open. */
export async function startNpm(args: readonly string[], { env, cwd = ROOT, through }: NpmOptions = {}): Promise<Npm> {
  const folder = await tempFolder();
  const database = folder.file('x.db');
  const [program, ...programArgs] = through ?? ['npm', ...args];
  const child = spawn(program, programArgs, {
    cwd,
    env: {
      ...shellEnv(),
      PORT: '0',
      DATABASE_URL: `file:${database}`,
      MARK_OF_TEST: folder.path,
      ...env,
    },
    stdio: ['pipe', 'pipe', 'pipe'],
    detached: true,
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (it) => {
      output += it;
    });
  // Programs that outlive npm hold its pipes, so these are not waited for.
  const exited = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>;
  const programs = async () => (await processesWith(`MARK_OF_TEST=${folder.path}`)).filter((it) => it !== child.pid);
  const ended = exited.then(async ([code, signal]) => {
    // To look at all processes of the machine costs.
    await until(async () => (await programs()).length === 0, 50);
    return { code, signal };
  });
  return {
    child,
    database,
    output: () => output,
    async printed(pattern) {
      let isOver = false;
      exited.then(() => {
        isOver = true;
      });
      await until(() => pattern.test(output) || isOver);
      const match = pattern.exec(output);
      if (!match) throw new Error(`npm ended without ${pattern}: ${output}`);
      return match[1] ?? match[0];
    },
    programs,
    ended,
    async [Symbol.asyncDispose]() {
      for (const pid of [child.pid as number, ...(await programs())]) {
        try {
          process.kill(pid, 'SIGKILL');
        } catch {
          // It is gone already.
        }
      }
      await ended;
      await folder[Symbol.asyncDispose]();
    },
  };
}

async function processesWith(variable: string): Promise<number[]> {
  const found: number[] = [];
  for (const name of (await readdir('/proc')).filter((it) => /^\d+$/.test(it))) {
    const environment = await readFile(`/proc/${name}/environ`, 'latin1').catch(() => '');
    if (environment.split('\0').includes(variable)) found.push(Number(name));
  }
  return found;
}
