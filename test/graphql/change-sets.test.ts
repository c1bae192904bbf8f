import { describe, expect, it } from 'vitest';
import { importFlats } from '../../src/operations/import-flats.ts';
import { BUILDING, NOON, start, type World } from '../support/start.ts';

const SETS = `query ($filter: ChangeSetFilter, $first: Int, $after: String, $last: Int) {
  changeSets(filter: $filter, first: $first, after: $after, last: $last) {
    totalCount totalCountIsExact pageInfo { hasNextPage hasPreviousPage endCursor }
    nodes { actor channel reason changes flats flatsIsExact startedAt endedAt firstChange { kind } }
  }
}`;
const BULK = `mutation ($updates: [UpdateIntercomFlatInput!]!) {
  updateIntercomFlats(updates: $updates) { ... on UpdateIntercomFlatSuccess { change { changeSet version } } }
}`;
const off = (flatId: number) => ({ flatId, isAnalogLineAvailable: false });
const at = new Date(NOON).toISOString();

/** A bulk update by billing, two single ones through both doors, and an import. */
async function withActs(): Promise<World> {
  const world = await start({ flats: BUILDING });
  const billing = await world.bearer('write', 'billing');
  await world.gql(BULK, { updates: [off(1), off(2), off(99)] }, billing);
  await world.patch({ flat_id: 3, is_analog_line_available: false }, billing);
  await world.gql(
    'mutation { updateIntercomFlat(input: { flatId: 1, isAnalogLineAvailable: true, reason: "moved in" }) { __typename } }',
    {},
    await world.bearer('admin'),
  );
  const rows = [4, 5].map((flat) => ({ line: flat, row: { intercomId: 9, intercomTitle: 'New', flat, lines: {} } }));
  const lines = { line: 6, row: { intercomId: 1, flat: 10, lines: { landlineSip: false } } };
  async function* batches() {
    yield rows;
    yield [lines];
  }
  await importFlats(world.store, { actor: 'local', channel: 'IMPORT' }, batches(), () => {});
  return world;
}

const act = (actor: string, channel: string, changes: number, flats: number, kind = 'LINES_SET') => ({
  ...{ actor, channel, reason: null, changes, flats, flatsIsExact: true, startedAt: at, endedAt: at },
  firstChange: { kind },
});
const ACTS = [
  act('billing', 'GRAPHQL', 2, 2),
  act('billing', 'REST', 1, 1),
  { ...act('admin', 'GRAPHQL', 1, 1), reason: 'moved in' },
  act('local', 'IMPORT', 4, 3, 'INTERCOM_CREATED'),
];

describe('changeSets', () => {
  it('says who did what, call by call, in the order of the log', async () => {
    await using world = await withActs();
    const admin = await world.bearer('admin', 'reader');
    const { data } = await world.gql(SETS, {}, admin);
    expect(data.changeSets.nodes).toEqual(ACTS);
    expect(data.changeSets).toMatchObject({ totalCount: 4, totalCountIsExact: true });
    const last = (await world.gql(SETS, { last: 1 }, admin)).data.changeSets;
    expect(last.nodes).toEqual(ACTS.slice(3));
    expect(last.pageInfo).toMatchObject({ hasNextPage: false, hasPreviousPage: true });
    const { endCursor: after } = (await world.gql(SETS, { first: 1 }, admin)).data.changeSets.pageInfo;
    expect((await world.gql(SETS, { first: 2, after }, admin)).data.changeSets.nodes).toEqual(ACTS.slice(1, 3));
    for (const [filter, expected] of [
      [{ actor: 'billing' }, ACTS.slice(0, 2)],
      [{ channel: 'GRAPHQL' }, [ACTS[0], ACTS[2]]],
      [{ channel: 'IMPORT', actor: 'local' }, ACTS.slice(3)],
      [{ from: at }, ACTS],
      [{ to: at }, []],
    ] as const) {
      const { nodes, totalCount } = (await world.gql(SETS, { filter }, admin)).data.changeSets;
      expect({ filter, nodes, totalCount }).toEqual({ filter, nodes: expected, totalCount: expected.length });
    }
  });

  it('refuses a time span that ends before it begins, and a cursor that is none', async () => {
    await using world = await withActs();
    const admin = await world.bearer('admin', 'reader');
    const later = new Date(NOON + 1).toISOString();
    const codeOf = async (variables: object) => {
      const { data, errors } = await world.gql(SETS, variables, admin);
      expect(data).toEqual({ changeSets: null });
      return errors[0].extensions.code;
    };
    expect(await codeOf({ filter: { from: later, to: at } })).toBe('BAD_USER_INPUT');
    expect(await codeOf({ after: 'x' })).toBe('BAD_USER_INPUT');
    expect(await codeOf({ first: 501 })).toBe('BAD_USER_INPUT');
  });
});

describe('a change', () => {
  it('names its change set, by which the log can be read, and the set itself', async () => {
    await using world = await withActs();
    const admin = await world.bearer('admin', 'reader');
    const of = async (changeSet: unknown) =>
      world.gql(
        'query ($it: ID) { changes(filter: { changeSet: $it }) { totalCount nodes { changeSet ... on LinesChange { flatId version } } } }',
        { it: changeSet },
        admin,
      );
    const { nodes } = (await of(null)).data.changes;
    expect(nodes.map((it: { flatId: string; version: number }) => [it.flatId, it.version])).toEqual([
      ...[
        ['1', 2],
        ['2', 2],
        ['3', 2],
        ['1', 3],
        ['1', 4],
      ],
    ]);
    const [first, second, single] = nodes.map((it: { changeSet: string }) => it.changeSet);
    expect(second).toBe(first);
    expect((await of(first)).data.changes).toEqual({ totalCount: 2, nodes: nodes.slice(0, 2) });
    expect((await of(single)).data.changes).toEqual({ totalCount: 1, nodes: nodes.slice(2, 3) });
    const node = async (id: string) =>
      (
        await world.gql(
          'query ($id: ID!) { node(id: $id) { __typename id ... on ChangeSet { changes firstChange { changeSet } } } }',
          { id },
          admin,
        )
      ).data.node;
    expect(await node(first)).toEqual({
      ...{ __typename: 'ChangeSet', id: first, changes: 2, firstChange: { changeSet: first } },
    });
    const [, epoch, seq] = /^ChangeSet:(\w+)\.(\d+)$/.exec(Buffer.from(first, 'base64url').toString()) ?? [];
    const idOf = (text: string) => Buffer.from(text).toString('base64url');
    // The second change of a set begins none.
    expect(await node(idOf(`ChangeSet:${epoch}.${Number(seq) + 1}`))).toBeNull();
    expect(await node(idOf(`ChangeSet:${epoch}.999`))).toBeNull();
    const ofOtherLog = idOf('ChangeSet:0000000000000000.1');
    expect(await node(ofOtherLog)).toBeNull();
    expect((await of(ofOtherLog)).data.changes).toEqual({ totalCount: 0, nodes: [] });
    for (const wrong of ['1', 'x', idOf('IntercomFlat:1')]) {
      expect((await of(wrong)).errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }]);
    }
  });

  it('is answered with its change set and version when it is made', async () => {
    await using world = await start({ flats: BUILDING });
    const { data } = await world.gql(BULK, { updates: [off(1), off(2), off(1)] });
    const [one, two, none] = data.updateIntercomFlats;
    expect(one.change).toEqual({ changeSet: expect.any(String), version: 2 });
    expect(two).toEqual(one);
    expect(none.change).toBeNull();
  });
});
