import { expect, it } from 'vitest';
import { createChangeFeed } from '../../src/operations/follow-changes.ts';
import { TESTER } from '../support/origin.ts';
import { subscribe, take } from '../support/sse.ts';
import { BUILDING, start, type World } from '../support/start.ts';
import { until } from '../support/until.ts';

const ALL =
  'kinds: [LINES_SET FLAT_CREATED KEYS_ATTACHED KEYS_DETACHED USERS_ATTACHED USERS_DETACHED INTERCOM_CREATED INTERCOM_CHANGED INTERCOM_DELETED]';
const CHANGE = `__typename kind changedAt actor channel reason intercomId
  ... on FlatChange { flatId flat intercomFlat { id } }
  ... on LinesChange { before { isAnalogLineAvailable } after { isAnalogLineAvailable } }
  ... on FlatCreation { keys users properties { isAnalogLineAvailable } }
  ... on LinksChange { names }
  ... on IntercomChange { was: stateBefore { ...State } is: stateAfter { ...State } flatsAdded flatsRemoved }`;
const STATE = 'fragment State on IntercomState { title externalId flatFrom flatTo }';

const MUTATIONS = [
  'createIntercom(input: { title: "Tower", externalId: "t", flatFrom: 1, flatTo: 3, reason: "new house" }) { __typename }',
  'attachKeys(input: { intercomId: 3, flat: 2, keys: ["B", "A"], reason: "moved in" }) { __typename }',
  'attachUsers(input: { intercomId: 3, flat: 2, users: ["anna"] }) { __typename }',
  'updateIntercomFlat(input: { intercomId: 3, flat: 2, isAnalogLineAvailable: false, reason: "no handset" }) { __typename }',
  'detachKeys(input: { intercomId: 3, flat: 2, keys: ["A", "none"], reason: "stolen" }) { __typename }',
  'detachUsers(input: { intercomId: 3, flat: 2, users: ["anna"] }) { __typename }',
  'updateIntercom(input: { intercomId: 3, title: "New", flatFrom: 2, flatTo: 5, reason: "rebuilt" }) { __typename }',
  'deleteIntercom(input: { intercomId: 3, force: true, reason: "torn down" }) { __typename }',
];

/** What the log says of the mutations. */
const TOLD = (() => {
  const row = (kind: string, __typename: string, reason: string | null, more: object) => ({
    ...{ __typename, kind, reason, changedAt: expect.any(String), actor: 'admin', channel: 'GRAPHQL', intercomId: '3' },
    ...more,
  });
  const flat = { flatId: '5', flat: 2, intercomFlat: null };
  const links = (kind: string, reason: string | null, names: readonly string[]) =>
    row(kind, 'LinksChange', reason, { ...flat, names });
  const [first, second] = [
    { title: 'Tower', externalId: 't', flatFrom: 1, flatTo: 3 },
    { title: 'New', externalId: 't', flatFrom: 2, flatTo: 5 },
  ];
  const intercom = (kind: string, reason: string, was: object | null, is: object | null, [added, removed]: number[]) =>
    row(kind, 'IntercomChange', reason, { was, is, flatsAdded: added, flatsRemoved: removed });
  return [
    intercom('INTERCOM_CREATED', 'new house', null, first, [3, 0]),
    links('KEYS_ATTACHED', 'moved in', ['A', 'B']),
    links('USERS_ATTACHED', null, ['anna']),
    row('LINES_SET', 'LinesChange', 'no handset', {
      ...flat,
      ...{ before: { isAnalogLineAvailable: true }, after: { isAnalogLineAvailable: false } },
    }),
    links('KEYS_DETACHED', 'stolen', ['A']),
    links('USERS_DETACHED', null, ['anna']),
    intercom('INTERCOM_CHANGED', 'rebuilt', first, second, [2, 1]),
    intercom('INTERCOM_DELETED', 'torn down', second, null, [0, 4]),
  ];
})();

/** A service on the building, whose log has the mutations. */
async function withHistory(): Promise<World> {
  const world = await start({ flats: BUILDING });
  const admin = await world.bearer('admin');
  for (const mutation of MUTATIONS) {
    const { errors } = await world.gql(`mutation { ${mutation} }`, {}, admin);
    expect(errors).toBeUndefined();
  }
  return world;
}

const nodesOf = (connection: { edges: { node: object }[] }) => connection.edges.map((it) => it.node);

it('the log says who attached, created and deleted what, when and why; without kinds it has lines alone', async () => {
  await using world = await withHistory();
  const read = await world.bearer('read');
  const query = `{
    all: changes(${ALL}) { totalCount edges { node { ${CHANGE} } } }
    keys: changes(kinds: [KEYS_DETACHED], filter: { actor: "admin" }) { totalCount edges { node { reason } } }
    lines: changes { totalCount edges { node { kind } } }
    lineStatistics { flats changedLastDay }
  } ${STATE}`;
  const { data, errors } = await world.gql(query, {}, read);
  expect(errors).toBeUndefined();
  expect(nodesOf(data.all)).toEqual(TOLD);
  expect(data).toMatchObject({
    all: { totalCount: 8 },
    keys: { totalCount: 1, edges: [{ node: { reason: 'stolen' } }] },
    lines: { totalCount: 1, edges: [{ node: { kind: 'LINES_SET' } }] },
    lineStatistics: { flats: 3, changedLastDay: 0 },
  });
});

it('a change of any kind is read again by its id', async () => {
  await using world = await withHistory();
  const read = await world.bearer('read');
  const { nodes } = (await world.gql(`{ changes(${ALL}) { nodes { id __typename } } }`, {}, read)).data.changes;
  const ids = nodes.map((it: { id: string }) => it.id);
  const query = 'query ($ids: [ID!]!) { nodes(ids: $ids) { id __typename } }';
  expect((await world.gql(query, { ids }, read)).data.nodes).toEqual(nodes);
});

it('cursors of one list continue the other, in both directions', async () => {
  await using world = await withHistory();
  const read = await world.bearer('read');
  const page = async (args: string) =>
    (await world.gql(`{ changes(${args}) { edges { cursor node { kind } } pageInfo { hasNextPage } } }`, {}, read)).data
      .changes;
  const first = await page(`${ALL} first: 3`);
  expect(first.pageInfo).toEqual({ hasNextPage: true });
  const after = `after: "${first.edges[2].cursor}"`;
  expect(nodesOf(await page(after))).toEqual([{ kind: 'LINES_SET' }]);
  expect(nodesOf(await page(`${ALL} first: 2 ${after}`))).toEqual([{ kind: 'LINES_SET' }, { kind: 'KEYS_DETACHED' }]);
  const lines = (await page('last: 1')).edges[0].cursor;
  expect(nodesOf(await page(`${ALL} last: 2 before: "${lines}"`))).toEqual([
    ...[{ kind: 'KEYS_ATTACHED' }, { kind: 'USERS_ATTACHED' }],
  ]);
});

it('the history of a flat begins with the row of its intercom, or with its import', async () => {
  await using world = await start();
  await world.store.importRows(TESTER, BUILDING);
  const create = 'createIntercom(input: { title: "Tower", flatFrom: 1, flatTo: 3 }) { __typename }';
  const widen = 'updateIntercom(input: { intercomId: 3, flatTo: 4 }) { __typename }';
  await world.gql(`mutation { ${create} ${widen} }`);
  const of = async (flatId: number) => {
    const list = (at: string, args: string) => `${at}: changes(${ALL} ${args}) { totalCount edges { node { kind } } }`;
    const query = `{
      intercomFlat(by: { flatId: ${flatId} }) { ${list('changes', '')} lines: changes { totalCount } }
      ${list('changes', `filter: { flatId: ${flatId} }`)}
    }`;
    const { data } = await world.gql(query);
    expect(data.changes).toEqual(data.intercomFlat.changes);
    expect(data.intercomFlat.lines).toEqual({ totalCount: 0 });
    return nodesOf(data.changes).map((it) => (it as { kind: string }).kind);
  };
  expect(await of(1)).toEqual(['FLAT_CREATED']);
  expect(await of(4)).toEqual(['INTERCOM_CREATED']);
  expect(await of(7)).toEqual(['INTERCOM_CHANGED']);
});

it('a subscription sends the kinds that it asks for; that of lines sends nothing else', async () => {
  await using world = await start({ flats: BUILDING });
  const follow = (field: string) => subscribe(world.url, `subscription { ${field} }`);
  const streams = {
    all: await follow('changed { kind }'),
    keys: await follow('changed(kinds: [KEYS_ATTACHED, INTERCOM_DELETED]) { kind actor ... on LinksChange { names } }'),
    flat: await follow('changed(flatId: 2) { kind ... on FlatChange { flatId } }'),
    intercom: await follow('changed(intercomId: 2) { kind }'),
    lines: await follow('intercomFlatChanged { kind flatId }'),
  };
  const mutations = [
    'attachKeys(input: { flatId: 1, keys: ["X"] }) { __typename }',
    'updateIntercomFlat(input: { flatId: 2, isAnalogLineAvailable: false }) { __typename }',
    'detachUsers(input: { flatId: 1, users: ["anna"] }) { __typename }',
    'updateIntercom(input: { intercomId: 1, flatFrom: 10, flatTo: 10 }) { __typename }',
    'deleteIntercom(input: { intercomId: 2 }) { __typename }',
  ];
  for (const mutation of mutations) await world.gql(`mutation { ${mutation} }`);
  const got = async (name: keyof typeof streams, count: number) => {
    const events = (await take(streams[name], count)) as { data: Record<string, { kind: string }> }[];
    streams[name].close();
    return events.map((it) => Object.values(it.data)[0]);
  };
  expect(await got('all', 5)).toEqual(
    ['KEYS_ATTACHED', 'LINES_SET', 'USERS_DETACHED', 'INTERCOM_CHANGED', 'INTERCOM_DELETED'].map((kind) => ({ kind })),
  );
  expect(await got('keys', 2)).toEqual([
    { kind: 'KEYS_ATTACHED', actor: 'local', names: ['X'] },
    { kind: 'INTERCOM_DELETED', actor: 'local' },
  ]);
  // It was deleted with its number.
  expect(await got('flat', 2)).toEqual([{ kind: 'LINES_SET', flatId: '2' }, { kind: 'INTERCOM_CHANGED' }]);
  expect(await got('intercom', 1)).toEqual([{ kind: 'INTERCOM_DELETED' }]);
  expect(await got('lines', 1)).toEqual([{ kind: 'LINES_SET', flatId: '2' }]);
});

it('refuses no kinds at all, and a reason that the log cannot keep', async () => {
  await using world = await start({ flats: BUILDING });
  const message = 'kinds must have at least one kind; leave it out for the usual ones.';
  expect(await world.gql('{ changes(kinds: []) { totalCount } }')).toMatchObject({
    errors: [{ message, extensions: { code: 'BAD_USER_INPUT' } }],
  });
  for (const field of ['attachKeys', 'detachKeys'] as const) {
    const long = `${field}(input: { flatId: 1, keys: ["X"], reason: "${'x'.repeat(501)}" }) { ... on ValidationError { fields { field code } } }`;
    expect((await world.gql(`mutation { ${long} }`)).data).toEqual({
      [field]: { fields: [{ field: 'reason', code: 'TOO_LONG' }] },
    });
  }
  const remove = `deleteIntercom(input: { intercomId: 0, reason: "\\u0007" }) { ... on ValidationError { fields { field code } } }`;
  expect((await world.gql(`mutation { ${remove} }`)).data.deleteIntercom.fields).toEqual([
    { field: 'intercomId', code: 'INVALID_INTEGER' },
    { field: 'reason', code: 'INVALID_TEXT' },
  ]);
});

it('one that waits for lines is not behind what is pruned of other kinds', async () => {
  await using world = await start({ flats: BUILDING });
  const feed = createChangeFeed(world.store);
  const follower = feed.follow({}, 0);
  const next = follower.changesAfter(0);
  await until(() => feed.tail === 0);
  for (const name of ['A', 'B', 'C']) {
    const ref = { by: 'id', flatId: 3 } as const;
    await world.store.changeLinks(TESTER, { ref, link: 'keys', attach: true, names: [name], reason: null });
  }
  await until(() => feed.tail === 3);
  expect(await world.store.prune(3, 100)).toBe(2);
  await world.patch({ flat_id: 2, is_analog_line_available: false });
  expect(await next).toMatchObject({ changes: [{ seq: 4, kind: 'LINES_SET' }] });
  follower.leave();
});
