import { constants } from 'node:os';

const SIGNALS = ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT'] as const;

/**
 * A terminal signals all of its programs, and npm passes the signal on: under npm the same signal once more within this time
 * is not a second one. npm may take a while on a busy machine.
 */
const SAME_SIGNAL_MS = 2_000;
/** How often to check whether npm is still there. */
const PARENT_CHECK_MS = 250;

/**
 * Aborts at the first signal that ends programs, with its name as the reason; a second one ends the process at once. npm
 * passes on only some of the signals that end it, so a program that `run.sh` started also stops when npm is gone.
 */
export function createStopSignal(env: NodeJS.ProcessEnv = process.env): AbortSignal {
  const stop = new AbortController();
  const parent = env['PARENT_PID'];
  let repeatUntil = 0;
  const abort = (reason: string) => {
    if (parent !== undefined) repeatUntil = performance.now() + SAME_SIGNAL_MS;
    stop.abort(reason);
  };
  for (const signal of SIGNALS) {
    process.on(signal, () => {
      if (!stop.signal.aborted) return abort(signal);
      const isRepeat = stop.signal.reason === signal && performance.now() < repeatUntil;
      if (!isRepeat) process.exit(128 + constants.signals[signal]);
      repeatUntil = 0;
    });
  }
  // A program that ends by itself loses its listeners some 20 ms before it is gone, and would die of a repeated signal then.
  process.on('beforeExit', () => process.exit());
  // Without a listener Node opens a debugger.
  process.on('SIGUSR1', () => {});
  if (parent !== undefined) {
    const check = () => {
      if (process.ppid !== Number(parent) && !stop.signal.aborted) abort('npm is gone');
    };
    setInterval(check, PARENT_CHECK_MS).unref();
    check();
  }
  return stop.signal;
}
