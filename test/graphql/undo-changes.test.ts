import { describe, expect, it } from 'vitest';
import type { FlatRow } from '../../src/domain/import-row.ts';
import { TESTER } from '../support/origin.ts';
import { spawnServer } from '../support/spawn.ts';
import { BUILDING, type GqlAnswer, start } from '../support/start.ts';
import { tempDatabase } from '../support/temp-database.ts';
import { until } from '../support/until.ts';

const UNDO = `mutation ($input: UndoChangesInput!) {
  undoChanges(input: $input) {
    __typename
    ... on UndoChangesSuccess {
      matched changed leftSilent changedSince gone notUndoable stoppedBy changeSet
      changedBy { actor flatId }
    }
    ... on UserError { message }
    ... on ValidationError { fields { field code } }
  }
}`;
const WHERE = `mutation ($input: UpdateIntercomFlatsWhereInput!) {
  updateIntercomFlatsWhere(input: $input) { ... on UpdateIntercomFlatsWhereSuccess { changed changeSet stoppedBy } }
}`;
const ALL_OFF = { all: true, isAnalogLineAvailable: false };

type Ask = (query: string, variables?: object, headers?: Record<string, string>) => Promise<GqlAnswer>;

const undo = async (gql: Ask, changeSet: unknown, more: object = {}, headers = {}) =>
  (await gql(UNDO, { input: { changeSet, ...more } }, headers)).data.undoChanges;
const switchOff = async (gql: Ask, input: object = ALL_OFF, headers = {}) =>
  (await gql(WHERE, { input }, headers)).data.updateIntercomFlatsWhere;
const newestSet = async (gql: Ask) =>
  (await gql('{ changeSets(last: 1) { nodes { id changes } } }')).data.changeSets.nodes[0];
const countOff = async (gql: Ask): Promise<number> =>
  (await gql('{ intercomFlats(first: 0, filter: { isAnalogLineAvailable: false }) { totalCount } }')).data.intercomFlats
    .totalCount;

const success = (more: object) => ({
  ...{ __typename: 'UndoChangesSuccess', leftSilent: 0, changedSince: 0, changedBy: [], gone: 0, notUndoable: 0 },
  ...{ stoppedBy: null, changeSet: expect.any(String), ...more },
});
const refused = (code: string, message: string) => ({
  ...{ __typename: 'ValidationError', message, fields: [{ field: 'changeSet', code }] },
});

const flats = (count: number): readonly FlatRow[] =>
  Array.from({ length: count }, (_, i) => ({ intercomId: 1 + Math.floor(i / 100), flat: 1 + (i % 100), lines: {} }));

/** Asks a service elsewhere; a network that fails rejects. */
const askOf =
  (url: string): Ask =>
  async (query, variables = {}) => {
    const response = await fetch(`${url}/graphql`, {
      ...{
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ query, variables }),
      },
    });
    return { status: response.status, ...((await response.json()) as object) };
  };

describe('undoChanges', () => {
  it('sets back what a call changed, and can be undone itself', async () => {
    await using world = await start({ flats: BUILDING });
    const { changeSet } = await switchOff(world.gql);
    const dry = await undo(world.gql, changeSet, { dryRun: true });
    expect(dry).toEqual(success({ matched: 3, changed: 3, changeSet: null }));
    expect(await countOff(world.gql)).toBe(3);
    const undone = await undo(world.gql, changeSet, { reason: 'a mistake' });
    expect(undone).toEqual(success({ matched: 3, changed: 3 }));
    expect(await countOff(world.gql)).toBe(0);
    expect(await undo(world.gql, changeSet)).toMatchObject({
      matched: 3,
      changed: 0,
      changedSince: 3,
      changeSet: null,
    });
    const { data } = await world.gql('{ changeSets { nodes { id reason channel changes flats } } }');
    expect(data.changeSets.nodes).toEqual([
      { id: changeSet, reason: null, channel: 'GRAPHQL', changes: 3, flats: 3 },
      { id: undone.changeSet, reason: 'a mistake', channel: 'GRAPHQL', changes: 3, flats: 3 },
    ]);
    expect(await undo(world.gql, undone.changeSet)).toEqual(success({ matched: 3, changed: 3 }));
    expect(await countOff(world.gql)).toBe(3);
    expect(world.told.map((it) => JSON.parse(it)).filter((it) => it.msg === 'undoChanges')[1]).toMatchObject({
      ...{ actor: 'local', dryRun: false, matched: 3, changed: 3, changedSince: 0, gone: 0, state: 'DONE' },
    });
    expect(world.faults).toEqual([]);
  });

  it('says what it leaves silent, in a dry run, too', async () => {
    await using world = await start({
      flats: [{ intercomId: 1, flat: 1, lines: { smartphoneSip: false, landlineSip: false, analog: false } }],
    });
    const { changeSet } = await switchOff(world.gql, { all: true, isAnalogLineAvailable: true });
    for (const dryRun of [true, false]) {
      expect(await undo(world.gql, changeSet, { dryRun })).toMatchObject({ changed: 1, leftSilent: 1 });
    }
  });

  it('leaves alone what others changed since, what is gone, and what is not of lines, and says so', async () => {
    await using world = await start({ flats: BUILDING });
    const admin = await world.bearer('admin');
    const boris = await world.bearer('write', 'boris');
    const { changeSet } = await switchOff(world.gql, ALL_OFF, admin);
    await world.patch({ flat_id: 1, is_landline_sip_line_available: false }, boris);
    await world.gql('mutation { deleteIntercom(input: { intercomId: 2, force: true }) { __typename } }', {}, admin);
    const figures = { matched: 3, changed: 1, changedSince: 1, gone: 1 };
    const changedBy = [{ actor: 'boris', flatId: '1' }];
    expect(await undo(world.gql, changeSet, { dryRun: true }, admin)).toEqual(
      success({ ...figures, changedBy, changeSet: null }),
    );
    expect(await undo(world.gql, changeSet, {}, admin)).toEqual(success({ ...figures, changedBy }));
    const { outcomes, changeSet: imported } = await world.store.importRows(TESTER, [
      { intercomId: 5, intercomTitle: 'New', flat: 1, lines: {} },
    ]);
    expect(outcomes).toHaveLength(1);
    await world.store.amend(
      TESTER,
      [
        {
          ref: { by: 'number', intercomId: 5, flat: 1 },
          patch: { analog: false },
          acceptedVersions: undefined,
          reason: null,
        },
      ],
      { changeSet: imported },
    );
    const { id } = (await world.gql('{ changeSets(last: 1) { nodes { id } } }', {}, admin)).data.changeSets.nodes[0];
    expect(await undo(world.gql, id, {}, boris)).toEqual(success({ matched: 1, changed: 1, notUndoable: 2 }));
  });

  it('refuses what is no change set of this log, and one of which changes were pruned', async () => {
    await using world = await start({ flats: BUILDING });
    const { changeSet } = await switchOff(world.gql);
    await switchOff(world.gql, { all: true, isLandlineSipLineAvailable: false });
    const idOf = (text: string) => Buffer.from(text).toString('base64url');
    const [, epoch] = /^ChangeSet:(\w+)\./.exec(Buffer.from(changeSet, 'base64url').toString()) ?? [];
    const notFound = refused('NOT_FOUND', 'Nothing exists with this changeSet.');
    for (const id of [
      '1',
      'x',
      idOf('ChangeSet:0000000000000000.1'),
      idOf(`ChangeSet:${epoch}.2`),
      idOf(`ChangeSet:${epoch}.99`),
    ]) {
      expect({ id, got: await undo(world.gql, id) }).toEqual({ id, got: notFound });
    }
    const wrongType = 'changeSet is the id of another type of record: send the id of a change set.';
    expect(await undo(world.gql, idOf('Intercom:1'))).toEqual(refused('WRONG_ID_TYPE', wrongType));
    expect(await undo(world.gql, changeSet, { reason: 'x'.repeat(501) })).toMatchObject({
      fields: [{ field: 'reason', code: 'TOO_LONG' }],
    });
    await world.store.prune(1, 99);
    for (const dryRun of [true, false]) {
      expect(await undo(world.gql, changeSet, { dryRun })).toEqual(
        refused(
          'PRUNED',
          'The change log does not have all changes of this changeSet any more, so they cannot be taken back: they were pruned.',
        ),
      );
    }
    expect(await countOff(world.gql)).toBe(3);
  });

  it('stops when the caller leaves; the same call again finishes the rest', async () => {
    await using world = await start({ flats: flats(3_000), lockTimeoutMs: 1_000_000 });
    const { changeSet } = await switchOff(world.gql);
    const leaving = new AbortController();
    const left = fetch(`${world.url}/graphql`, {
      ...{ method: 'POST', headers: { 'content-type': 'application/json' }, signal: leaving.signal },
      body: JSON.stringify({ query: UNDO, variables: { input: { changeSet } } }),
    }).catch((error: Error) => error.name);
    await until(async () => (await newestSet(world.gql)).id !== changeSet);
    // The job waits for its next chunk until the service knows that its caller has left.
    const lock = await world.lock();
    leaving.abort();
    expect(await left).toBe('AbortError');
    await until(() => world.requests.some((it) => it.includes('"outcome":"left"')));
    await lock[Symbol.asyncDispose]();
    await until(() => world.told.some((it) => JSON.parse(it).msg === 'undoChanges'));
    const stopped = JSON.parse(world.told.findLast((it) => JSON.parse(it).msg === 'undoChanges') as string);
    expect([stopped.state, stopped.changed > 0 && stopped.changed < 3_000]).toEqual(['STOPPED', true]);
    expect(await countOff(world.gql)).toBe(3_000 - stopped.changed);
    // What the first call has set back was changed since, by the first call.
    expect(await undo(world.gql, changeSet)).toMatchObject({
      ...{ matched: 3_000, changed: 3_000 - stopped.changed, changedSince: stopped.changed, stoppedBy: null },
    });
    expect(await countOff(world.gql)).toBe(0);
  });

  it('takes back what a running call has changed so far, and nothing of what it changes later', async () => {
    await using world = await start({ flats: flats(3_000) });
    const job = switchOff(world.gql);
    await until(async () => (await newestSet(world.gql)) !== undefined);
    const { id } = await newestSet(world.gql);
    const { matched, changed, changedSince } = await undo(world.gql, id);
    expect([matched, changedSince]).toEqual([changed, 0]);
    expect((await job).changed).toBe(3_000);
    expect(await countOff(world.gql)).toBe(3_000 - changed);
    await undo(world.gql, id);
    expect(await countOff(world.gql)).toBe(0);
  });

  it('takes back what a call had changed before its service was killed', async () => {
    await using database = await tempDatabase();
    {
      await using store = await database.open();
      await store.importRows(TESTER, flats(4_000));
    }
    {
      await using server = await spawnServer('', database.env);
      const gql = askOf(server.url);
      let job: Promise<unknown>;
      let lock: AsyncDisposable | undefined;
      // A job that ended before the lock is taken back, and another one begins.
      for (;;) {
        job = switchOff(gql).catch(() => 'killed');
        await until(async () => (await countOff(gql)) > 0);
        lock = await database.lock();
        if ((await countOff(gql)) < 4_000) break;
        await lock[Symbol.asyncDispose]();
        await job;
        await undo(gql, (await newestSet(gql)).id);
      }
      server.child.kill('SIGKILL');
      expect(await job).toBe('killed');
      await server.exit;
      await lock[Symbol.asyncDispose]();
    }
    await using server = await spawnServer('', database.env);
    const gql = askOf(server.url);
    const done = await countOff(gql);
    const { id, changes } = await newestSet(gql);
    expect(changes).toBe(done);
    expect(await undo(gql, id)).toEqual(success({ matched: done, changed: done }));
    expect(await countOff(gql)).toBe(0);
  });
});
