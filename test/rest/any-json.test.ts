import fc from 'fast-check';
import { expect, it } from 'vitest';
import { BUILDING, start } from '../support/start.ts';

const NAMES = [
  ...['intercom_id', 'flat', 'flat_id'],
  ...['is_smartphone_sip_line_available', 'is_landline_sip_line_available', 'is_analog_line_available'],
];

it('answers any JSON value with 200, 422 or 413, and never fails', async () => {
  await using world = await start({ flats: BUILDING });
  const seen = new Set<number>();
  const plausible = fc.oneof(
    fc.integer({ min: -1, max: 12 }),
    fc.constantFrom('1', ' 10 ', '', null, true, '0'),
    fc.jsonValue(),
  );
  const body = fc.oneof(
    fc.jsonValue(),
    fc.dictionary(fc.oneof(fc.constantFrom(...NAMES), fc.string()), plausible, { maxKeys: 7 }),
    fc.record({ intercom_id: fc.constantFrom(1, '1', 2), flat: fc.constantFrom(10, '10', 11, 99) }),
    fc.integer({ min: 60_000, max: 70_000 }).map((length) => 'x'.repeat(length)),
  );
  await fc.assert(
    fc.asyncProperty(body, async (value) => {
      const { status, body: answer } = await world.patch(JSON.stringify(value));
      seen.add(status);
      expect([200, 413, 422]).toContain(status);
      if (status === 422) expect(answer).toEqual({ message: expect.any(String), errors: expect.any(Object) });
    }),
    { numRuns: 1_000 },
  );
  expect([...seen].sort()).toEqual([200, 413, 422]);
  expect(world.faults).toEqual([]);
});
