import type { Readable, Writable } from 'node:stream';

/** Where a command reads and writes, and what tells it to stop. */
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
