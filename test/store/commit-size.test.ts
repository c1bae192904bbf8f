import { expect, test } from 'vitest';
import { createFixedSize, createMeasuredSize } from '../../src/store/commit-size.ts';

/** The size after so many full commits, each of which takes `fixed` ms and some for each edit. */
function sizeAfter(commits: number, lanes: number, fixed: number, msPerEdit: number): number {
  const size = createMeasuredSize();
  let now = 0;
  for (let i = 0; i < commits; i++) {
    const ms = fixed + size.max(now) * msPerEdit;
    now += ms;
    size.learn(size.max(now), ms, lanes, now);
  }
  return size.max(now);
}

test('a commit has as many edits as take some two milliseconds, and eight where nobody else writes', () => {
  expect(createMeasuredSize().max(0)).toBe(100);
  expect(sizeAfter(50, 2, 0.2, 0.02)).toBe(90);
  expect(sizeAfter(50, 1, 0.2, 0.02)).toBe(390);
});

test('it is never too small to share a commit, and never so large that a pause of the disk would be long', () => {
  expect(sizeAfter(50, 1, 30, 1)).toBe(50);
  expect(sizeAfter(50, 1, 0, 0.001)).toBe(500);
});

test('small commits teach nothing, a slow one is forgotten soon, and others are remembered for a while', () => {
  const size = createMeasuredSize();
  size.learn(3, 200, 1, 0);
  expect(size.max(0)).toBe(100);
  size.learn(100, 200, 1, 200);
  expect(size.max(0)).toBe(50);
  for (let i = 0; i < 5; i++) size.learn(size.max(0), 2, 1, 200);
  expect(size.max(0)).toBe(153);
  size.learn(3, 0.1, 2, 300);
  size.learn(153, 4, 1, 399);
  expect(size.max(0)).toBe(76);
  size.learn(76, 4, 1, 400);
  expect(size.max(0)).toBe(95);
});

test('a fixed size knows no time, and is larger for one lane alone', () => {
  const size = createFixedSize({ shared: 100, alone: 1_000 });
  size.learn(1_000, 5_000, 1, 0);
  expect(size.max(1)).toBe(1_000);
  size.learn(1_000, 1, 2, 10);
  expect([size.max(109), size.max(110)]).toEqual([100, 1_000]);
});
