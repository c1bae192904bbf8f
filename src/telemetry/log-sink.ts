import { writeSync } from 'node:fs';

// A write to the standard output for each request would cost more than the request. So lines are gathered and written
// together. The descriptor of a pipe or a socket is in non-blocking mode once `process.stdout` was touched: a reader that
// is slow or stuck makes a write fail with EAGAIN, and never holds up the event loop.

/** How long a line may wait to be written, in milliseconds. */
const FLUSH_EVERY = 100;
/** How soon a reader that is behind is offered the rest, in milliseconds. */
const RETRY_AFTER = 10;
/** How much is gathered at most before it is written, in bytes. */
const PAGE = 128 * 1024;
/** How much is kept for a reader that is behind, in bytes; later lines are dropped, and counted. */
const MOST_KEPT = 4 * 1024 * 1024;
/** How long the end of the process waits for a reader that is behind, in milliseconds. */
const LAST_PATIENCE = 1_000;

export interface LogSink {
  /** Takes a line with its line break; it is written within a moment, together with others. */
  write(line: string): void;
  /** Writes what there is now, as far as the reader takes it. */
  flush(): void;
  /** Writes what there is, and gives a reader that is behind a second for it. */
  end(): void;
}

/** Lines for a file, a pipe or a socket. `tellDropped` makes the line that says how many were dropped. */
export function logSink(descriptor: number, tellDropped: (lines: number) => string): LogSink {
  // Lines go into bytes at once: thousands of texts that outlive their requests would be work for the garbage collector.
  let page = Buffer.allocUnsafeSlow(PAGE);
  let start = 0;
  let end = 0;
  /** What is before the page, when the reader is behind. */
  const before: Buffer[] = [];
  let kept = 0;
  let dropped = 0;
  let timer: NodeJS.Timeout | undefined;
  let isGone = false;

  function add(line: string): void {
    // A character is at most three bytes.
    const most = 3 * line.length;
    if (end + most > PAGE) turnPage();
    if (most > PAGE) keep(Buffer.from(line));
    else end += page.write(line, end);
  }

  function turnPage(): void {
    if (start < end) keep(page.subarray(start, end));
    page = Buffer.allocUnsafeSlow(PAGE);
    start = end = 0;
  }

  function keep(bytes: Buffer): void {
    before.push(bytes);
    kept += bytes.length;
  }

  /** Takes what was written, or given up, off what is to be written. */
  function take(bytes: number): void {
    const first = before[0];
    if (first) {
      kept -= bytes;
      if (bytes < first.length) before[0] = first.subarray(bytes);
      else before.shift();
    } else {
      start += bytes;
      if (start === end) start = end = 0;
    }
  }

  /** What is to be written next. */
  function next(): Buffer | undefined {
    if (before.length === 0 && start === end) {
      if (dropped === 0) return undefined;
      add(tellDropped(dropped));
      dropped = 0;
    }
    return before[0] ?? page.subarray(start, end);
  }

  /** False when the reader takes no more for now. */
  function attempt(): boolean {
    for (let bytes = next(); bytes && !isGone; bytes = next()) {
      try {
        take(writeSync(descriptor, bytes));
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException;
        if (code === 'EAGAIN') return false;
        // A full disk, or nobody who reads any more: the service goes on without these lines.
        isGone = code === 'EPIPE';
        take(bytes.length);
        dropped += linesIn(bytes);
        return true;
      }
    }
    return true;
  }

  function flush(): void {
    clearTimeout(timer);
    timer = undefined;
    if (!attempt()) later(RETRY_AFTER);
  }

  function later(pause: number): void {
    timer ??= setTimeout(flush, pause).unref();
  }

  return {
    write(line) {
      if (isGone) return;
      if (end + 3 * line.length > PAGE) attempt();
      if (kept > MOST_KEPT) dropped++;
      else add(line);
      later(FLUSH_EVERY);
    },
    flush,
    end() {
      clearTimeout(timer);
      const deadline = performance.now() + LAST_PATIENCE;
      while (!attempt() && performance.now() < deadline) {
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, RETRY_AFTER);
      }
    },
  };
}

function linesIn(text: Buffer): number {
  let lines = 0;
  for (const byte of text) if (byte === 0x0a) lines++;
  return lines;
}
