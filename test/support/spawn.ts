import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { COMPILE_CACHE } from './compile-cache.ts';

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Spawned extends AsyncDisposable {
  readonly child: ChildProcess;
  /** What came out so far. */
  stdout(): string;
  /** The first match in what the process prints; fails when the process ends without it. */
  printed(pattern: RegExp): Promise<string>;
  /** Resolves when the process has ended. */
  readonly exit: Promise<Exit>;
}

/** Runs one of the service's own programs as a process of its own, such as `src/server.ts`; it ends with this one. */
export function spawnNode(
  program: string,
  args: readonly string[],
  env: Record<string, string>,
  cwd?: string,
): Spawned {
  const file = fileURLToPath(new URL(`../../${program}`, import.meta.url));
  return spawnProgram(process.execPath, [file, ...args], {
    env: {
      PATH: process.env['PATH'] ?? '',
      PARENT_PID: String(process.pid),
      ...COMPILE_CACHE,
      ...env,
    },
    ...(cwd ? { cwd } : {}),
  });
}

/** Runs a program with this environment alone. */
export function spawnProgram(
  program: string,
  args: readonly string[],
  options: { readonly env: Record<string, string>; readonly cwd?: string },
): Spawned {
  const child = spawn(program, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const exit = once(child, 'close').then(([code, signal]): Exit => ({ code, signal, stdout, stderr }));
  return {
    child,
    exit,
    stdout: () => stdout,
    printed: (pattern) =>
      new Promise((resolve, reject) => {
        // Who has found it looks no further: to search all of a long log anew for each piece of it takes a core.
        const look = () => {
          const match = pattern.exec(stdout);
          if (!match) return;
          child.stdout.off('data', look);
          resolve(match[1] ?? match[0]);
        };
        child.stdout.on('data', look);
        exit.then((it) => reject(new Error(`ended without ${pattern}: ${JSON.stringify(it)}`)));
        look();
      }),
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await exit;
    },
  };
}

/** The server as a process of its own, listening. */
export async function spawnServer(
  file: string,
  env: Record<string, string> = {},
): Promise<Spawned & { readonly url: string }> {
  const spawned = spawnNode('src/server.ts', [], { DATABASE_URL: `file:${file}`, PORT: '0', ...env });
  const url = await spawned.printed(/"url":"([^"]+)"/);
  return { ...spawned, url };
}
