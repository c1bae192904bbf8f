import { ConfigError } from '../config.ts';
import { BadHeader } from '../csv/header.ts';
import { CannotListen, Unguarded } from '../serve.ts';
import { StorageError, UnusableDatabase } from '../store/store.ts';
import type { Command } from './terminal.ts';

/** The exit codes of every command. */
export const DONE = 0;
/** Refused, partly bad input, or something an operator has to mend first. */
export const REFUSED = 1;
/** Wrong usage, environment or header: nothing was begun. */
export const WRONG = 2;
/** Ended by a signal before it was done. */
export const INTERRUPTED = 130;

/** A command that was called in a way it cannot be; the message says what is wrong. */
export class WrongUsage extends Error {
  override readonly name = 'WrongUsage';
}

/** Something that stands in a command's way; the message says what, and what to do about it. */
export class CannotRun extends Error {
  override readonly name = 'CannotRun';
}

/**
 * A command with its `--help`. What it throws of the faults that people can mend is told as a message on stderr, without
 * a stack trace.
 */
export function command(usage: string, run: Command): Command {
  return async (args, env, terminal) => {
    if (args.includes('--help') || args.includes('-h')) {
      terminal.out(usage);
      return DONE;
    }
    const kept = keptByNpm(usage, args, env);
    if (kept.length > 0) {
      terminal.err(
        `npm kept ${kept.join(' and ')} for itself. Write -- before the options: npm run ${env['npm_lifecycle_event']} -- ${[...kept, ...args].join(' ')}\n`,
      );
      return WRONG;
    }
    try {
      return await run(args, env, terminal);
    } catch (error) {
      if (terminal.signal.aborted && error === terminal.signal.reason) {
        terminal.err('Interrupted.\n');
        return INTERRUPTED;
      }
      if (error instanceof WrongUsage || isParseArgsFault(error)) {
        terminal.err(`${error.message}\n\n${usage}`);
        return WRONG;
      }
      if (error instanceof ConfigError || error instanceof BadHeader) {
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

/**
 * The options of a command, such as its usage names them, that npm took for its own since `--` was forgotten: it tells them
 * in variables, and not in the arguments. An option that is there as well was meant for the command.
 */
function keptByNpm(usage: string, args: readonly string[], env: Parameters<Command>[1]): readonly string[] {
  if (env['npm_lifecycle_event'] === undefined) return [];
  const options = new Set(usage.match(/--[a-z][a-z-]*/g));
  return [...options].filter((option) => {
    const value = env[`npm_config_${option.slice(2).replaceAll('-', '_')}`];
    return value !== undefined && value !== 'false' && value !== '' && !args.some((it) => it.split('=')[0] === option);
  });
}

const MENDABLE = [CannotRun, UnusableDatabase, StorageError, CannotListen, Unguarded];

/** `parseArgs` of Node names the option that it does not know, or whose value is missing. */
const isParseArgsFault = (error: unknown): error is Error =>
  error instanceof TypeError && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS');
