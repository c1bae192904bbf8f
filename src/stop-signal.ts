import { constants } from 'node:os';

const SIGNALS = ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT'] as const;

/** A terminal signals all of its programs, and npm hands the signal on: what comes again within so many milliseconds is the same. */
const SAME_MS = 200;
/** How often it is checked whether npm is still there, in milliseconds. */
const PARENT_CHECK_MS = 500;

/**
 * Aborts at the first signal that ends programs, with its name as the reason; a second one ends the process at once. npm
 * does not hand every signal on, so a program that it started stops when npm is gone, too.
 */
export function stopSignal(env: NodeJS.ProcessEnv = process.env): AbortSignal {
  const stop = new AbortController();
  let stoppedAt = 0;
  const abort = (reason: string) => {
    stoppedAt = performance.now();
    stop.abort(reason);
  };
  for (const signal of SIGNALS) {
    process.on(signal, () => {
      if (!stop.signal.aborted) abort(signal);
      else if (stop.signal.reason !== signal || performance.now() - stoppedAt > SAME_MS) {
        process.exit(128 + constants.signals[signal]);
      }
    });
  }
  if (env['npm_lifecycle_event'] !== undefined) {
    const parent = process.ppid;
    const check = () => {
      if (process.ppid !== parent && !stop.signal.aborted) abort('npm is gone');
    };
    setInterval(check, PARENT_CHECK_MS).unref();
  }
  return stop.signal;
}
