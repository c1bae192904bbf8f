import { Readable, Writable } from 'node:stream';
import { expect, it } from 'vitest';
import { createBadRowsOnErr } from '../../src/cli/bad-rows.ts';
import { progressBar, progressLine, showProgress } from '../../src/cli/progress.ts';

it.each([
  [0.25, 2_000, '[######------------------]  25%  1,000 rows  500 rows/s  0:06 left'],
  [1, 100, '[########################] 100%  1,000 rows  10,000 rows/s  0:00 left'],
  [0, 0, '[------------------------]   0%  1,000 rows  0 rows/s'],
  [0.001, 10_000, '[------------------------]   0%  1,000 rows  100 rows/s  2:46:30 left'],
  [undefined, 500, '1,000 rows  2,000 rows/s'],
])('draws a bar for %s of the work', (share, elapsed, text) => {
  expect(progressBar({ done: 1_000, share, elapsed }, 'rows')).toBe(text);
});

it('says the same without a bar in a line', () => {
  expect(progressLine({ done: 1_000, share: 0.25, elapsed: 2_000 }, 'rows')).toBe(
    ' 25%  1,000 rows  500 rows/s  0:06 left',
  );
});

/** A progress whose clock the test sets, and what it wrote. */
function shown(errColumns: number | undefined) {
  const world = { now: 0, err: '' };
  const terminal = {
    stdin: Readable.from([]),
    stdout: new Writable(),
    out: () => {},
    err: (text: string) => {
      world.err += text;
    },
    errColumns,
    signal: new AbortController().signal,
  };
  return Object.assign(world, { progress: showProgress(terminal, 'rows', () => world.now) });
}

it('writes a line every five seconds where there is no screen', () => {
  const w = shown(undefined);
  for (w.now = 0; w.now <= 11_000; w.now += 500) w.progress.at(w.now, undefined);
  w.progress.say('line 7: bad\n');
  w.progress[Symbol.dispose]();
  expect(w.err).toBe('5,000 rows  1,000 rows/s\n10,000 rows  1,000 rows/s\nline 7: bad\n');
});

it('redraws the bar on a screen, never wider than that, and takes it away for other text and at the end', () => {
  const w = shown(30);
  for (w.now = 0; w.now <= 250; w.now += 50) w.progress.at(1, 0.5);
  const bar = '\r\x1b[K[############------------]  5';
  expect(w.err).toBe(bar + bar);
  w.progress.say('line 7: bad\n');
  w.progress[Symbol.dispose]();
  expect(w.err).toBe(`${bar}${bar}\r\x1b[Kline 7: bad\n`);
});

it('does not flood a screen with bad rows', async () => {
  for (const isScreen of [true, false]) {
    const said: string[] = [];
    const bad = createBadRowsOnErr((text) => said.push(text), isScreen);
    for (let line = 2; line < 1_002; line++) bad.report(line, [{ reason: 'brokenQuote' }]);
    await bad.end();
    expect(said.length).toBe(isScreen ? 101 : 1_000);
    if (isScreen) expect(said.at(-1)).toBe('and 900 more bad rows; --report FILE writes them all to a file\n');
  }
});
