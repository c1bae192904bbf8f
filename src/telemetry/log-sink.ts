import { writeSync } from 'node:fs';

// A write to the standard output for each request would cost more than the request, so lines are gathered and written
// together. The descriptor of a pipe or a socket is in non-blocking mode once `process.stdout` was accessed: with a slow or
// stuck reader a write fails with EAGAIN, and never blocks the event loop.
//
// pino's own destination (sonic-boom 4.2.1) was measured and does not do this. Its synchronous mode sleeps in the event loop
// while the reader is behind (2.9 s of 3 s). Its asynchronous mode loses the piece that is being written at an exit (82 lines of
// 3,000), keeps the process alive for a stuck reader, and at the exit retries forever when the reader is gone.

/** How long a line may wait to be written. */
const FLUSH_INTERVAL_MS = 100;
/** The pause before a reader that is behind is offered the rest. */
const RETRY_PAUSE_MS = 10;
/** The most that is gathered before it is written. */
const PAGE_BYTES = 128 * 1024;
/** The most that is kept for a reader that is behind; later lines are dropped, and counted. */
const MAX_BUFFERED_BYTES = 4 * 1024 * 1024;
/** How long the end of the process waits for a reader that is behind. */
const END_TIMEOUT_MS = 1_000;

export interface LogSink {
  /** Takes a line with its line break, and writes it together with others, within `FLUSH_INTERVAL_MS`. */
  write(line: string): void;
  /** Writes everything now, as far as the reader accepts it. */
  flush(): void;
  /** Writes everything, and waits up to `END_TIMEOUT_MS` for a reader that is behind. */
  end(): void;
}

/** Lines for a file, a pipe or a socket. `describeDropped` returns the line that says how many were dropped. */
export function createLogSink(descriptor: number, describeDropped: (lines: number) => string): LogSink {
  // Lines are encoded at once: thousands of strings that outlive their requests would burden the garbage collector.
  let page = Buffer.allocUnsafeSlow(PAGE_BYTES);
  let start = 0;
  let end = 0;
  /** Bytes before the page, when the reader is behind. */
  const before: Buffer[] = [];
  let kept = 0;
  let dropped = 0;
  let timer: NodeJS.Timeout | undefined;
  let isGone = false;

  function add(line: string): void {
    // A character is at most three bytes.
    const most = 3 * line.length;
    if (end + most > PAGE_BYTES) turnPage();
    if (most > PAGE_BYTES) keep(Buffer.from(line));
    else end += page.write(line, end);
  }

  function turnPage(): void {
    if (start < end) keep(page.subarray(start, end));
    page = Buffer.allocUnsafeSlow(PAGE_BYTES);
    start = end = 0;
  }

  function keep(bytes: Buffer): void {
    before.push(bytes);
    kept += bytes.length;
  }

  /** Removes bytes that were written, or given up. */
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

  /** The bytes to be written next. */
  function next(): Buffer | undefined {
    if (before.length === 0 && start === end) {
      if (dropped === 0) return undefined;
      add(describeDropped(dropped));
      dropped = 0;
    }
    return before[0] ?? page.subarray(start, end);
  }

  /** False when the reader accepts no more for now. */
  function attempt(): boolean {
    for (let bytes = next(); bytes && !isGone; bytes = next()) {
      try {
        take(writeSync(descriptor, bytes));
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException;
        if (code === 'EAGAIN') return false;
        // A full disk, or no reader any more: the service goes on without these lines.
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
    if (!attempt()) later(RETRY_PAUSE_MS);
  }

  function later(pause: number): void {
    timer ??= setTimeout(flush, pause).unref();
  }

  return {
    write(line) {
      if (isGone) return;
      if (end + 3 * line.length > PAGE_BYTES) attempt();
      if (kept > MAX_BUFFERED_BYTES) dropped++;
      else add(line);
      later(FLUSH_INTERVAL_MS);
    },
    flush,
    end() {
      clearTimeout(timer);
      const deadline = performance.now() + END_TIMEOUT_MS;
      while (!attempt() && performance.now() < deadline) {
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, RETRY_PAUSE_MS);
      }
    },
  };
}

function linesIn(text: Buffer): number {
  let lines = 0;
  for (const byte of text) if (byte === 0x0a) lines++;
  return lines;
}
