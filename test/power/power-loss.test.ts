import { describe, expect } from 'vitest';
import { itNeeds } from '../support/it-needs.ts';
import { powerLoss } from './power-loss.ts';

const itWithCc = itNeeds('cc', 'gcc libc6-dev');

describe('a loss of power', () => {
  itWithCc('takes no acknowledged update with it, and leaves state and log in agreement', async () => {
    const report = await powerLoss({ seed: 14, updates: 400, disks: 60 });
    expect(report).toEqual({
      acknowledged: expect.any(Number),
      disks: { kept: 12, dropped: 12, cut: 12, torn: 12, reordered: 12 },
      losses: [],
    });
    expect(report.acknowledged).toBeGreaterThanOrEqual(400);
  });

  itWithCc('is seen to take some where commits are not synced', async () => {
    const { losses } = await powerLoss({ seed: 14, updates: 200, disks: 20, unsafe: true });
    expect(losses.filter((it) => it.includes('was acknowledged')).length).toBeGreaterThan(0);
  });
});
