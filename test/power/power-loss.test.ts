import { describe, expect } from 'vitest';
import { itNeeds } from '../support/it-needs.ts';
import { powerLoss } from './power-loss.ts';

const itWithCc = itNeeds('cc', 'gcc libc6-dev');

describe('a loss of power', () => {
  itWithCc('takes no acknowledged update with it, and leaves state and log in agreement', async () => {
    const report = await powerLoss({ seed: 14, updates: 600, disks: 100 });
    expect(report).toEqual({
      acknowledged: expect.any(Number),
      disks: { kept: 20, dropped: 20, cut: 20, torn: 20, reordered: 20 },
      losses: [],
    });
    expect(report.acknowledged).toBeGreaterThanOrEqual(600);
  });

  itWithCc('is seen to take some where commits are not synced', async () => {
    const { losses } = await powerLoss({ seed: 14, updates: 300, disks: 20, unsafe: true });
    expect(losses.filter((it) => it.includes('was acknowledged')).length).toBeGreaterThan(0);
  });
});
