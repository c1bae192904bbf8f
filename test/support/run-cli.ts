import { type ChildProcess, spawn } from 'node:child_process';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { Readable, Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import type { Command } from '../../src/cli/command.ts';
import { COMPILE_CACHE } from './compile-cache.ts';
import { tempFolder } from './temp-folder.ts';

const CLI = fileURLToPath(new URL('../../src/cli.ts', import.meta.url));

export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

export interface RunOptions {
  readonly input?: string;
  readonly env?: Record<string, string>;
  readonly signal?: AbortSignal;
}

/** A folder with a database of its own, and commands that run on it. */
export interface Desk extends AsyncDisposable {
  /** The database's file; nothing makes it but a command. */
  readonly database: string;
  path(name: string): string;
  write(name: string, content: string | Uint8Array): Promise<void>;
  read(name: string): Promise<string>;
  /** The names of the files. */
  files(): Promise<string[]>;
  /** Runs a command inside the test's process. */
  run(command: Command, args: string[], options?: RunOptions): Promise<Ended>;
  /** Starts the program as a process of its own. */
  start(...args: string[]): { readonly child: ChildProcess; readonly ended: Promise<Ended> };
}

export async function desk(): Promise<Desk> {
  const folder = await tempFolder();
  const database = folder.file('flats.db');
  return {
    database,
    path: folder.file,
    write: (name, content) => writeFile(folder.file(name), content),
    read: (name) => readFile(folder.file(name), 'utf8'),
    files: async () => (await readdir(folder.path)).sort(),
    async run(command, args, { input = '', env = {}, signal = new AbortController().signal } = {}) {
      const printed = { out: '', err: '' };
      const code = await command(
        args,
        { DATABASE_URL: `file:${database}`, ...env },
        {
          stdin: Readable.from([Buffer.from(input)]),
          stdout: new Writable({
            write(chunk, _, done) {
              printed.out += chunk;
              done();
            },
          }),
          out: (text) => {
            printed.out += text;
          },
          err: (text) => {
            printed.err += text;
          },
          signal,
        },
      );
      return { code, ...printed };
    },
    start(...args) {
      const child = spawn(process.execPath, [CLI, ...args], {
        cwd: folder.path,
        env: {
          PATH: process.env.PATH,
          ...COMPILE_CACHE,
          TMPDIR: folder.path,
          DATABASE_URL: `file:${database}`,
        },
      });
      const ended = Promise.all([
        text(child.stdout),
        text(child.stderr),
        new Promise<number | null>((resolve) => child.once('close', resolve)),
      ]).then(([out, err, code]) => ({ code, out, err }));
      return { child, ended };
    },
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}
