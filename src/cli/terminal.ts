import type { Readable } from 'node:stream';

/** Where a command reads and writes, and what tells it to stop. */
export interface Terminal {
  readonly stdin: Readable;
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  /** Its reason is the name of the process's signal. */
  readonly signal: AbortSignal;
}

/** Runs a command with its arguments and returns the exit code. */
export type Command = (args: string[], env: NodeJS.ProcessEnv, terminal: Terminal) => Promise<number>;
