import type { Command, Terminal } from './cli/command.ts';
import { createStopSignal } from './service/stop-signal.ts';

const commands: Readonly<Record<string, () => Promise<{ readonly run: Command }>>> = {
  import: () => import('./cli/commands/import.ts'),
  export: () => import('./cli/commands/export.ts'),
  backup: () => import('./cli/commands/backup.ts'),
  restore: () => import('./cli/commands/restore.ts'),
  copy: () => import('./cli/commands/copy.ts'),
  prune: () => import('./cli/commands/prune.ts'),
  demo: () => import('./cli/commands/demo.ts'),
  token: () => import('./cli/commands/token.ts'),
};

const USAGE = `Usage: node src/cli.ts <command> [options]

Commands:
  import <file>   import the flats of a CSV file
  export          write all flats to a CSV file that import reads
  backup <file>   copy the database to a file while the server is running
  restore <file>  replace the database by a backup
  copy            copy everything from one database to another
  prune           delete old rows of the change log while the server is running
  token           create, list and revoke tokens
  demo            serve a sample building, to try the service

Run node src/cli.ts <command> --help for its options.
`;

// Files of the program are private to their owner.
process.umask(0o077);

// A reader that closes its pipe, like `| head`, must not stop the work.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});

const terminal: Terminal = {
  stdin: process.stdin,
  stdout: process.stdout,
  out: (text) => process.stdout.write(text),
  err: (text) => process.stderr.write(text),
  get errColumns() {
    return process.stderr.isTTY ? process.stderr.columns || 80 : undefined;
  },
  signal: createStopSignal(),
};

const [name = '', ...args] = process.argv.slice(2);
const load = Object.hasOwn(commands, name) ? commands[name] : undefined;
if (name === '--help' || name === '-h') {
  terminal.out(USAGE);
} else if (load) {
  const { run } = await load();
  process.exitCode = await run(args, process.env, terminal);
} else {
  terminal.err(name === '' ? USAGE : `Unknown command ${JSON.stringify(name)}.\n\n${USAGE}`);
  process.exitCode = 2;
}
