import { expect, it } from 'vitest';
import { runLanes } from './lanes.ts';

it('an answer is the same whichever way its request comes, and however often', async () => {
  const { findings, sent, data, errors } = await runLanes({ seed: 1, count: 120 });
  expect({ findings, sent }).toEqual({ findings: [], sent: 720 });
  expect([data > 100, errors > 100]).toEqual([true, true]);
});
