import { expect, it } from 'vitest';
import type { JobCounts, JobProgress } from '../../src/operations/job.ts';
import { updateFlatsWhere } from '../../src/operations/update-flats-where.ts';
import { STORE } from '../support/start.ts';
import { tempDatabase } from '../support/temp-database.ts';

const none = undefined;
const origin = { actor: 'billing', channel: 'GRAPHQL' } as const;

const ANY = { smartphoneSip: none, landlineSip: none, analog: none };
const NO_UPDATES =
  STORE === 'postgres'
    ? `create function no() returns trigger language plpgsql as $$ begin raise exception 'no'; end $$;
       create trigger no before update on flats for each row execute function no()`
    : "create trigger no before update on flats begin select raise(abort, 'no'); end";
const BELTS = { atMost: none, exceptFlatIds: none };
const EVERY = {
  ...{ flatIds: none, intercomId: none, flat: none, flatFrom: none, flatTo: none, lines: ANY, changedSince: none },
  ...{ keyCode: none, userLogin: none, userLoginPrefix: none, intercomTitle: none },
};

it('leaves a flat alone that another update took out of the filter, or that is gone, after it was read', async () => {
  await using database = await tempDatabase();
  await using store = await database.open({ now: () => 1_000 });
  await store.importRows(
    origin,
    [1, 2, 3, 4].map((flat) => ({ intercomId: 1, flat, lines: {} })),
  );
  const ref = { by: 'id', flatId: 2 } as const;
  const update = { ref, patch: { analog: false }, acceptedVersions: none, reason: null };
  const told: JobProgress<JobCounts>[] = [];
  let asked = 0;
  const stopped = async () => {
    // The first time before it reads, the second before it commits what it read.
    if (++asked === 2) {
      await store.amend(origin, [update]);
      await database.run('delete from flats where id = 3');
    }
    return undefined;
  };
  const done = { kind: 'progress', matched: 2, changed: 2, leftSilent: 0, changeSet: 7, state: 'DONE' };
  expect(
    await updateFlatsWhere(
      { store, now: () => 0, stopped, report: (progress) => told.push(progress) },
      origin,
      {
        filter: { ...EVERY, lines: { ...ANY, analog: true } },
        all: true,
        lines: { smartphoneSip: none, landlineSip: false, analog: none },
        ...BELTS,
      },
      { dryRun: false },
    ),
  ).toEqual(done);
  expect(told).toEqual([done]);
  expect(await database.rows('select id, landline_sip, analog from flats order by id')).toEqual([
    { id: 1, landline_sip: 0, analog: 1 },
    { id: 2, landline_sip: 1, analog: 0 },
    { id: 4, landline_sip: 0, analog: 1 },
  ]);
  expect(await database.rows('select flat_id from changes order by seq')).toEqual([
    { flat_id: 2 },
    { flat_id: 1 },
    { flat_id: 4 },
  ]);
});

it('tells what it has done when a fault ends it', async () => {
  await using database = await tempDatabase();
  await using store = await database.open();
  await store.importRows(
    origin,
    Array.from({ length: 150 }, (_, i) => ({ intercomId: 1, flat: i + 1, lines: {} })),
  );
  const told: JobProgress<JobCounts>[] = [];
  let asked = 0;
  const stopped = async () => {
    if (++asked === 3) {
      await database.run(NO_UPDATES);
    }
    return undefined;
  };
  const run = updateFlatsWhere(
    { store, now: () => 0, stopped, report: (progress) => told.push(progress) },
    origin,
    {
      filter: EVERY,
      all: true,
      lines: { smartphoneSip: none, landlineSip: false, analog: none },
      ...BELTS,
    },
    { dryRun: false },
  );
  await expect(run).rejects.toThrow(STORE === 'postgres' ? 'P0001' : 'no');
  const [{ n }] = (await database.rows('select count(*) n from changes')) as [{ n: number }];
  expect(told).toEqual([{ kind: 'progress', matched: n, changed: n, leftSilent: 0, changeSet: 152, state: 'FAILED' }]);
  expect(n).toBeGreaterThan(0);
});
