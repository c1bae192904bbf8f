// Commands of the operator beside the service, each a process of its own that is started anew when it has ended.
import { writeFile } from 'node:fs/promises';
import { Readable } from 'node:stream';
import type { Spawned } from '../../support/spawn.ts';
import { csvOf } from '../database.ts';
import { type Checkout, startScript } from './checkout.ts';

/** Rows of one import. */
const IMPORTED = 100_000;
/** Imports begin at this record id and its intercom, beyond all that are there. */
const FIRST_IMPORTED = 1_000_000_001;
const INTERRUPTED = 130;

export type CommandName = 'import' | 'prune';

/** A statement whose value grows by the rows that the command has done. */
export const PROGRESS: Readonly<Record<CommandName, string>> = {
  import: 'select max(id) value from flats',
  prune: 'select pruned_to value from change_log',
};

let imports = 0;

async function argsOf(name: CommandName, file: string): Promise<readonly string[]> {
  if (name === 'prune') return ['--older-than', '1h', '--json'];
  const csv = `${file}.csv`;
  await writeFile(csv, Readable.from(csvOf(IMPORTED, FIRST_IMPORTED + imports++ * IMPORTED)));
  return [csv, '--json'];
}

export interface Commands {
  /** Rejects when one fails; resolves once stopped. */
  readonly done: Promise<void>;
  stop(): void;
}

/** Runs the command again and again, until it is stopped. */
export function keepRunning(checkout: Checkout, file: string, name: CommandName): Commands {
  let running: Spawned | undefined;
  let isStopping = false;
  const run = async () => {
    while (!isStopping) {
      const args = await argsOf(name, file);
      await using command = startScript(checkout, name, args, { DATABASE_URL: `file:${file}` });
      running = command;
      const { code, stderr } = await command.exit;
      const isGood = code === 0 || (isStopping && code === INTERRUPTED);
      if (!isGood) throw new Error(`${name} ended with ${code}: ${stderr}`);
    }
  };
  return {
    done: run(),
    stop() {
      isStopping = true;
      running?.child.kill('SIGINT');
    },
  };
}
