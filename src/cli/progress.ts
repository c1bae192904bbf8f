import type { Terminal } from './command.ts';

/** The progress of a command. */
export interface Step {
  /** How many of the unit are done. */
  readonly done: number;
  /** The share of the work that is done, from 0 to 1; `undefined` where unknown. */
  readonly share: number | undefined;
  /** Since the work began, in milliseconds. */
  readonly elapsed: number;
}

/** Shows the progress of a command. Disposing of it removes the bar. */
export interface Progress extends Disposable {
  at(done: number, share?: number): void;
  /** Writes to `err` without running into the bar. */
  say(text: string): void;
}

const REDRAW_INTERVAL_MS = 100;
const LINE_INTERVAL_MS = 5_000;
const BAR_WIDTH = 24;

/** A bar on a screen, and elsewhere a line every five seconds. `now` is in milliseconds. */
export function showProgress(terminal: Terminal, unit: string, now: () => number = () => performance.now()): Progress {
  const began = now();
  let shown = began;
  let isBarShown = false;

  function clear(): void {
    if (isBarShown) terminal.err('\r\x1b[K');
    isBarShown = false;
  }

  return {
    at(done, share) {
      const { errColumns } = terminal;
      const time = now();
      if (time - shown < (errColumns ? REDRAW_INTERVAL_MS : LINE_INTERVAL_MS)) return;
      shown = time;
      const step = { done, share, elapsed: time - began };
      if (errColumns) terminal.err(`\r\x1b[K${progressBar(step, unit).slice(0, errColumns - 1)}`);
      else terminal.err(`${progressLine(step, unit)}\n`);
      isBarShown = errColumns !== undefined;
    },
    say(text) {
      clear();
      terminal.err(text);
    },
    [Symbol.dispose]: clear,
  };
}

/** `[######------------------]  25%  1,000 rows  500 rows/s  0:06 left`, or without the share what can be said. */
export function progressBar(step: Step, unit: string): string {
  if (step.share === undefined) return progressLine(step, unit);
  const full = Math.round(step.share * BAR_WIDTH);
  return `[${'#'.repeat(full)}${'-'.repeat(BAR_WIDTH - full)}] ${progressLine(step, unit)}`;
}

export function progressLine({ done, share, elapsed }: Step, unit: string): string {
  const rate = elapsed > 0 ? Math.round((done * 1000) / elapsed) : 0;
  const parts = [`${done.toLocaleString('en-US')} ${unit}`, `${rate.toLocaleString('en-US')} ${unit}/s`];
  if (share === undefined) return parts.join('  ');
  const percent = `${Math.floor(share * 100)}%`.padStart(4);
  const left = share > 0 ? [`${clock((elapsed * (1 - share)) / share)} left`] : [];
  return [percent, ...parts, ...left].join('  ');
}

/** `0:06` or `1:02:03`, rounded up to a second. */
function clock(milliseconds: number): string {
  const seconds = Math.ceil(milliseconds / 1000);
  const two = (value: number) => String(value).padStart(2, '0');
  const minutes = Math.floor(seconds / 60);
  const rest = two(seconds % 60);
  return minutes < 60 ? `${minutes}:${rest}` : `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${rest}`;
}
