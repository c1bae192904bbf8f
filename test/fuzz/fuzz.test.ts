import { expect, it } from 'vitest';
import { runFuzz } from './run-fuzz.ts';

const SEED = 6;
const COUNT = 2_000;

it(`${COUNT} inputs of seed ${SEED} are answered without a fault, and leave nothing behind`, async () => {
  const { sent, findings, statuses } = await runFuzz({ seed: SEED, from: 0, count: COUNT });
  expect({ sent, findings }).toEqual({ sent: COUNT, findings: [] });
  // The inputs get as far as the data: many are answered by it.
  for (const what of ['rest 200', 'rest 422', 'graphql document 200', 'graphql variables 200']) {
    expect([what, statuses[what] ?? 0]).toEqual([what, expect.toSatisfy((it: number) => it > 100)]);
  }
});
