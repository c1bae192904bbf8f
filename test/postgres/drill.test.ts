import { describe, expect, it } from 'vitest';
import { POSTGRES_BIN } from '../support/postgres.ts';
import { spawnNode } from '../support/spawn.ts';

/** What a drill with a second of load before and after reports; its figures differ each time. */
async function drill(kind: string) {
  await using program = spawnNode('test/drill/drill.ts', [kind, '1'], { HOME: process.env['HOME'] ?? '/' });
  const { code, stdout, stderr } = await program.exit;
  const acknowledged = Number(/^(\d+) acknowledged/m.exec(stdout)?.[1]);
  const figures = /^(writes were back|\d+ acknowledged|longest time)/;
  return { code, stderr, acknowledged, findings: stdout.split('\n').filter((it) => !figures.test(it)) };
}

const GOOD = {
  ...{ code: 0, stderr: '' },
  // Each of the 32 callers has written several times before, between and after.
  acknowledged: expect.toSatisfy((it: number) => it > 200),
  findings: [
    ...['acknowledged and lost: 0', 'refused as busy and stored: 0', 'stored twice: 0', 'answered in another way: 0'],
    ...['followers that differ: 0', ''],
  ],
};

// `npm run drill` does the same for longer. What callers and followers of both services were told is compared with the table.
describe.skipIf(POSTGRES_BIN === undefined)('two services under load', () => {
  it('are killed by -9 one after the other: nothing that was acknowledged is lost, and nothing comes twice', async () => {
    expect(await drill('instances')).toEqual(GOOD);
  });

  it('write nothing to a primary that was frozen and wakes up after the standby was promoted', async () => {
    expect(await drill('freeze')).toEqual(GOOD);
  });
});
