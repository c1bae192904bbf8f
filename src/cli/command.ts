import type { Readable, Writable } from 'node:stream';
import { parseArgs } from 'node:util';
import { HeaderError } from '../csv/header.ts';
import { CannotListenError, NoTokenError } from '../http/server/listen.ts';
import { ConfigError } from '../service/config.ts';
import { StorageError, UnusableDatabaseError } from '../store/store.ts';
import { keptByNpm, type Options } from './kept-by-npm.ts';

/** The exit codes of every command. */
export const DONE = 0;
/** Refused, partly bad input, or a problem that the operator has to solve first. */
export const REFUSED = 1;
/** Wrong usage, environment or header: nothing was begun. */
export const WRONG = 2;
/** Ended by a signal before it was done. */
export const INTERRUPTED = 130;

/** A command with invalid arguments; the message says what is wrong. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** A problem that prevents a command; the message says what it is and what to do. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
}

interface Syntax<O extends Options> {
  readonly usage: string;
  readonly options: O;
  /** Whether it takes arguments beside options, such as names of files. */
  readonly positionals: boolean;
}

/** The parsed command line. */
export type Given<O extends Options> = ReturnType<typeof parseArgs<{ options: O; allowPositionals: true }>>;

/**
 * A command with its `--help`. Errors that the operator can correct are printed as a message on stderr, without
 * a stack trace.
 */
export function createCommand<const O extends Options>(
  { usage, options, positionals }: Syntax<O>,
  run: (given: Given<O>, env: NodeJS.ProcessEnv, terminal: Terminal) => Promise<number>,
): Command {
  return async (args, env, terminal) => {
    if (args.includes('--help') || args.includes('-h')) {
      terminal.out(usage);
      return DONE;
    }
    const kept = keptByNpm(options, args, env);
    if (kept) {
      terminal.err(kept);
      return WRONG;
    }
    try {
      const given = parseArgs({ args, options, allowPositionals: positionals });
      return await run(given as Given<O>, env, terminal);
    } catch (error) {
      if (terminal.signal.aborted && error === terminal.signal.reason) {
        terminal.err('Interrupted.\n');
        return INTERRUPTED;
      }
      if (error instanceof UsageError || isParseArgsFault(error)) {
        terminal.err(`${error.message}\n\n${usage}`);
        return WRONG;
      }
      if (error instanceof ConfigError || error instanceof HeaderError) {
        terminal.err(`${error.message}\n`);
        return WRONG;
      }
      if (MENDABLE.some((kind) => error instanceof kind)) {
        terminal.err(`${(error as Error).message}\n`);
        return REFUSED;
      }
      throw error;
    }
  };
}

const MENDABLE = [CommandError, UnusableDatabaseError, StorageError, CannotListenError, NoTokenError];

/** `parseArgs` of Node names the option that it does not know, or whose value is missing. */
const isParseArgsFault = (error: unknown): error is Error =>
  error instanceof TypeError && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS');

/** Where a command reads and writes, and its stop signal. */
export interface Terminal {
  readonly stdin: Readable;
  /** For results that are large; texts go through `out`. */
  readonly stdout: Writable;
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  /** The width of the screen that `err` writes to, now; absent when that is no screen. */
  readonly errColumns?: number | undefined;
  /** Its reason is the name of the process's signal. */
  readonly signal: AbortSignal;
}

/** Runs a command with its arguments and returns the exit code. */
export type Command = (args: string[], env: NodeJS.ProcessEnv, terminal: Terminal) => Promise<number>;
