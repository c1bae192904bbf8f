import { describe, expect, it } from 'vitest';
import type { FlatRow } from '../../src/domain/import-row.ts';
import { BUILDING, type GqlAnswer, start, type World } from '../support/start.ts';

/** Three intercoms of 5 flats each; the second has a Cyrillic title. */
const TOWN: readonly FlatRow[] = ['Garden Street', 'Садовая улица', 'garden gate'].flatMap((intercomTitle, i) =>
  Array.from({ length: 5 }, (_, j) => ({
    intercomId: i + 1,
    intercomTitle,
    flat: j + 1,
    lines: { analog: j % 2 === 0 },
    keys: j === 0 ? ['SHARED', `K${i + 1}`] : [],
    users: j < 2 ? [`user${j}`, `guest${i}`] : [],
  })),
);

const LIST = `query ($filter: IntercomFlatFilter, $sort: IntercomFlatSort, $first: Int, $after: String, $last: Int, $before: String) {
  intercomFlats(filter: $filter, sort: $sort, first: $first, after: $after, last: $last, before: $before) {
    totalCount
    edges { cursor node { flatId } }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  }
}`;

const ids = ({ data }: GqlAnswer): number[] =>
  data.intercomFlats.edges.map((edge: { node: { flatId: string } }) => Number(edge.node.flatId));

describe('intercomFlats', () => {
  it('gives a page, its place in the list and the count of all', async () => {
    await using world = await start({ flats: TOWN });
    const first = await world.gql(LIST, { first: 2 });
    const [a, b] = first.data.intercomFlats.edges;
    expect(first).toEqual({
      status: 200,
      data: {
        intercomFlats: {
          totalCount: 15,
          edges: [
            { cursor: a.cursor, node: { flatId: '1' } },
            { cursor: b.cursor, node: { flatId: '2' } },
          ],
          pageInfo: { hasNextPage: true, hasPreviousPage: false, startCursor: a.cursor, endCursor: b.cursor },
        },
      },
    });
    const last = await world.gql(LIST, { last: 2, before: b.cursor });
    expect(last.data.intercomFlats).toMatchObject({
      edges: [{ cursor: a.cursor }],
      pageInfo: { hasNextPage: true, hasPreviousPage: false },
    });
  });

  it('has an empty page, too', async () => {
    await using world = await start({ flats: TOWN });
    for (const variables of [{ first: 0 }, { filter: { intercomId: 99 } }]) {
      const { data } = await world.gql(LIST, variables);
      expect(data.intercomFlats).toMatchObject({ edges: [], pageInfo: { startCursor: null, endCursor: null } });
    }
  });

  it.each(['INTERCOM_AND_FLAT_ASC', 'INTERCOM_AND_FLAT_DESC', 'UPDATED_AT_ASC', 'UPDATED_AT_DESC'])(
    'is walked in the order %s forwards and backwards, page by page',
    async (sort) => {
      let clock = 1_000;
      await using world = await start({ flats: TOWN, now: () => clock });
      for (const flat_id of [7, 3, 11, 3]) {
        clock += 1_000;
        await world.patch({ flat_id, is_landline_sip_line_available: flat_id !== 3 || clock > 4_000 });
      }
      const all = ids(await world.gql(LIST, { sort }));
      expect(all.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 15 }, (_, i) => i + 1));
      const forwards: number[] = [];
      for (let after: string | null = null, more = true; more; ) {
        const page: GqlAnswer = await world.gql(LIST, { sort, first: 4, after });
        forwards.push(...ids(page));
        ({ endCursor: after, hasNextPage: more } = page.data.intercomFlats.pageInfo);
      }
      const backwards: number[] = [];
      for (let before: string | null = null, more = true; more; ) {
        const page: GqlAnswer = await world.gql(LIST, { sort, last: 4, before });
        backwards.unshift(...ids(page));
        ({ startCursor: before, hasPreviousPage: more } = page.data.intercomFlats.pageInfo);
      }
      expect([forwards, backwards]).toEqual([all, all]);
    },
  );

  it.each<[object, number[]]>([
    [{ intercomId: 2 }, [6, 7, 8, 9, 10]],
    [{ flatIds: [9, '3', 3, 99] }, [3, 9]],
    [{ flatIds: [9, 3, 8], flat: 3 }, [3, 8]],
    [{ flatIds: [] }, []],
    [{ flat: 3 }, [3, 8, 13]],
    [{ flatFrom: 4, intercomId: '1' }, [4, 5]],
    [{ flatFrom: 2, flatTo: 3 }, [2, 3, 7, 8, 12, 13]],
    [{ isAnalogLineAvailable: false, intercomId: 3 }, [12, 14]],
    [{ isAnalogLineAvailable: false, isLandlineSipLineAvailable: false }, []],
    [{ keyCode: 'SHARED' }, [1, 6, 11]],
    [{ keyCode: 'K2' }, [6]],
    [{ userLogin: 'user1' }, [2, 7, 12]],
    [{ userLogin: 'user' }, []],
    [{ userLoginPrefix: 'gue', intercomId: 1 }, [1, 2]],
    [{ intercomTitle: 'САДОВ' }, [6, 7, 8, 9, 10]],
    [{ intercomTitle: 'GARDEN', flat: 1 }, [1, 11]],
    [{ changedSince: '2026-11-23T12:00:00Z' }, Array.from({ length: 15 }, (_, i) => i + 1)],
    [{ changedSince: '2026-11-23T14:00:00+01:00' }, []],
    [
      { flatIds: null, intercomId: null, flat: null, isAnalogLineAvailable: null, userLoginPrefix: '' },
      Array.from({ length: 15 }, (_, i) => i + 1),
    ],
  ])('filters by %j', async (filter, expected) => {
    await using world = await start({ flats: TOWN });
    const answer = await world.gql(LIST, { filter });
    expect([ids(answer), answer.data.intercomFlats.totalCount]).toEqual([expected, expected.length]);
  });

  it('has its rows as edges and as nodes', async () => {
    await using world = await start({ flats: BUILDING });
    const query = '{ intercomFlats(last: 2) { edges { node { flatId } } nodes { flatId } } }';
    expect((await world.gql(query)).data.intercomFlats).toEqual({
      edges: [{ node: { flatId: '2' } }, { node: { flatId: '3' } }],
      nodes: [{ flatId: '2' }, { flatId: '3' }],
    });
  });

  it('leaves the other fields of a document alone when its cursor is bad, at the root and within a row', async () => {
    await using world = await start({ flats: BUILDING });
    const { data, errors } = await world.gql(`{
      intercomFlats(after: "bad") { nodes { flat } } intercoms(after: "bad") { nodes { title } }
      changes(after: "bad") { nodes { cursor } } lineStatistics(intercomId: "bad") { flats }
      intercom(by: { intercomId: 1 }) { title flats(after: "bad") { nodes { flat } } }
      intercomFlat(by: { flatId: 1 }) { flat changes(after: "bad") { nodes { cursor } } }
    }`);
    expect(data).toEqual({
      ...{ intercomFlats: null, intercoms: null, changes: null, lineStatistics: null },
      intercom: { title: 'Intercom 1', flats: null },
      intercomFlat: { flat: 10, changes: null },
    });
    expect(errors.length).toBe(6);
  });

  it.each<[object, string]>([
    [{ first: 1, last: 1 }, 'Send either first or last, not both.'],
    [{ first: 501 }, 'first must be from 0 to 500.'],
    [{ first: -1 }, 'first must be from 0 to 500.'],
    [{ last: 501 }, 'last must be from 0 to 500.'],
    [{ last: -1 }, 'last must be from 0 to 500.'],
    [{ filter: { intercomId: 'x' } }, 'intercomId must be a whole number, 1 or more.'],
    [
      { filter: { flatIds: [1, 'x', 0] } },
      'flatIds[1] must be a whole number, 1 or more. flatIds[2] must be a whole number, 1 or more.',
    ],
    [{ filter: { flatIds: Array(501).fill(1) } }, 'flatIds has too many entries: at most 500.'],
    [{ filter: { intercomTitle: 'ab' } }, 'intercomTitle must have at least 3 characters.'],
  ])('refuses %j', async (variables, message) => {
    await using world = await start({ flats: TOWN });
    expect(await world.gql(LIST, variables)).toEqual({
      status: 200,
      data: { intercomFlats: null },
      errors: [
        {
          message,
          locations: [{ line: 2, column: 3 }],
          path: ['intercomFlats'],
          extensions: { code: 'BAD_USER_INPUT' },
        },
      ],
    });
  });

  it('refuses cursors that are forged or of another list', async () => {
    await using world = await start({ flats: TOWN });
    const cursorOf = async (query: string) => (await world.gql(query)).data.list.edges[0].cursor;
    const forged = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const cursors = [
      'nonsense',
      '',
      forged(null),
      forged(['flats INTERCOM_AND_FLAT_ASC']),
      forged(['flats INTERCOM_AND_FLAT_ASC', 1, 1.5]),
      forged(['flats INTERCOM_AND_FLAT_ASC', '1', 1]),
      forged(['flats INTERCOM_AND_FLAT_ASC', 1, 1, 1]),
      await cursorOf('{ list: intercoms { edges { cursor } } }'),
      await cursorOf('{ list: intercomFlats(sort: UPDATED_AT_ASC) { edges { cursor } } }'),
      await cursorOf('{ list: intercomFlats(sort: INTERCOM_AND_FLAT_DESC) { edges { cursor } } }'),
      (await world.gql('{ changesHead }')).data.changesHead,
    ];
    for (const after of cursors) {
      const { errors } = await world.gql(LIST, { after });
      expect([after, errors]).toMatchObject([
        after,
        [
          {
            message: 'after is not a cursor of this list and sort order.',
            extensions: { code: 'BAD_USER_INPUT' },
          },
        ],
      ]);
    }
    expect(world.faults).toEqual([]);
  });
});

describe('relations', () => {
  /** Counts every read of the store from now on. */
  function countReads(world: World): () => Record<string, number> {
    const counts: Record<string, number> = {};
    for (const [name, read] of Object.entries(world.store)) {
      if (typeof read !== 'function') continue;
      Object.assign(world.store, {
        [name]: (...args: unknown[]) => {
          counts[name] = (counts[name] ?? 0) + 1;
          return (read as (...args: unknown[]) => unknown)(...args);
        },
      });
    }
    return () => counts;
  }

  it('are read once for a whole page, however many rows it has', async () => {
    await using world = await start({ flats: TOWN });
    const counts = countReads(world);
    const { data } = await world.gql(`{
      intercomFlats { edges { node { flat keyCount usersCount intercom { intercomId title flatCount } keys { code } users { login } } } }
    }`);
    expect(counts()).toEqual({
      ...{ hasToken: 1, lost: 1, listFlats: 1 },
      ...{ intercomsById: 1, flatCounts: 1, keysOf: 1, usersOf: 1 },
    });
    expect(data.intercomFlats.edges[0].node).toEqual({
      flat: 1,
      keyCount: 2,
      usersCount: 2,
      intercom: { intercomId: '1', title: 'Garden Street', flatCount: 5 },
      keys: [{ code: 'K1' }, { code: 'SHARED' }],
      users: [{ login: 'guest0' }, { login: 'user0' }],
    });
  });

  it('lead from an intercom to its flats, and from a change to its flat', async () => {
    await using world = await start({ flats: TOWN });
    for (const flat_id of [1, 2, 3]) await world.patch({ flat_id, is_landline_sip_line_available: false });
    const counts = countReads(world);
    const { data } = await world.gql(`{
      intercoms(filter: { title: "САДОВАЯ" }) { totalCount edges { node { intercomId flats(last: 1) { totalCount edges { node { flatId } } } } } }
      changes { totalCount edges { cursor node { cursor ... on FlatChange { intercomFlat { flatId } } } } }
      intercomFlat(by: { flatId: 2 }) { changes { edges { node { seqless: cursor ... on FlatChange { flatId } } } } }
    }`);
    const cursors = data.changes.edges.map((it: { cursor: string }) => it.cursor);
    expect(data).toEqual({
      intercoms: {
        totalCount: 1,
        edges: [{ node: { intercomId: '2', flats: { totalCount: 5, edges: [{ node: { flatId: '10' } }] } } }],
      },
      changes: {
        totalCount: 3,
        edges: [1, 2, 3].map((id, i) => ({
          cursor: cursors[i],
          node: { cursor: cursors[i], intercomFlat: { flatId: String(id) } },
        })),
      },
      intercomFlat: { changes: { edges: [{ node: { seqless: cursors[1], flatId: '2' } }] } },
    });
    expect(counts()).toMatchObject({ flatsById: 1 });
  });
});

describe('changes', () => {
  it('is the log, oldest first; the last one is the newest; polling goes on after a cursor', async () => {
    await using world = await start({ flats: TOWN });
    for (const analog of [false, true, false]) await world.patch({ flat_id: 1, is_analog_line_available: analog });
    const QUERY = `query ($after: String, $first: Int, $last: Int, $filter: ChangeFilter) {
      changes(after: $after, first: $first, last: $last, filter: $filter) { edges { cursor node { ... on LinesChange { after { isAnalogLineAvailable } } } } pageInfo { hasNextPage } }
    }`;
    const page = async (variables: object) => (await world.gql(QUERY, variables)).data.changes;
    const all = (await page({})).edges;
    expect(all.map((it: { node: { after: object } }) => it.node.after)).toEqual(
      [false, true, false].map((isAnalogLineAvailable) => ({ isAnalogLineAvailable })),
    );
    expect((await page({ last: 1 })).edges).toEqual([all[2]]);
    expect(await page({ after: all[0].cursor, first: 1 })).toEqual({
      edges: [all[1]],
      pageInfo: { hasNextPage: true },
    });
    const { changesHead } = (await world.gql('{ changesHead }')).data;
    expect(changesHead).toBe(all[2].cursor);
    expect((await page({ after: changesHead })).edges).toEqual([]);
    const none = [{ actor: 'nobody' }, { channel: 'IMPORT' }, { flatId: 2 }, { intercomId: 2 }];
    for (const filter of [...none, { to: '2026-11-23T12:00:00Z' }]) expect((await page({ filter })).edges).toEqual([]);
    const every = [{ actor: 'local' }, { channel: 'REST' }, { flatId: 1 }, { intercomId: 1 }];
    for (const filter of [...every, { from: '2026-11-23T12:00:00Z' }])
      expect((await page({ filter })).edges).toEqual(all);
  });
});

describe('changeActivity', () => {
  const ACTIVITY = `query ($from: DateTime!, $to: DateTime!, $per: ActivitySpan!, $filter: ChangeFilter, $kinds: [ChangeKind!]) {
    changeActivity(from: $from, to: $to, per: $per, filter: $filter, kinds: $kinds) { from to changes changesIsExact }
  }`;

  it('counts the changes of each hour or day, from the first moment to the last', async () => {
    let clock = Date.parse('2026-11-26T10:00:00Z');
    await using world = await start({ flats: TOWN, now: () => clock });
    for (const [at, flat_id] of [
      ['10:00:00', 1],
      ['10:59:59', 2],
      ['11:00:00', 6],
      ['13:20:00', 7],
    ] as const) {
      clock = Date.parse(`2026-11-26T${at}Z`);
      await world.patch({ flat_id, is_landline_sip_line_available: false });
    }
    await world.gql('mutation { attachKeys(input: { flatId: 1, keys: ["Z"] }) { __typename } }');
    const ask = async (more: object) => {
      const span = { from: '2026-11-26T10:00:00Z', to: '2026-11-26T13:30:00Z', per: 'HOUR' };
      return (await world.gql(ACTIVITY, { ...span, ...more })).data.changeActivity;
    };
    const counts = async (more: object) => (await ask(more)).map((it: { changes: number }) => it.changes);
    const all = await ask({});
    expect(all[0]).toEqual({
      from: '2026-11-26T10:00:00.000Z',
      to: '2026-11-26T11:00:00.000Z',
      changes: 2,
      changesIsExact: true,
    });
    expect(all.at(-1)).toMatchObject({ from: '2026-11-26T13:00:00.000Z', to: '2026-11-26T13:30:00.000Z' });
    expect(await counts({})).toEqual([2, 1, 0, 1]);
    expect(await counts({ filter: { intercomId: 1 } })).toEqual([2, 0, 0, 0]);
    expect(await counts({ filter: { channel: 'GRAPHQL' }, kinds: ['KEYS_ATTACHED'] })).toEqual([0, 0, 0, 1]);
    expect(await counts({ from: '2026-11-25T00:00:00Z', to: '2026-11-27T00:00:00Z', per: 'DAY' })).toEqual([0, 4]);
    expect(await counts({ to: '2026-11-26T10:00:00Z' })).toEqual([]);
  });

  it('refuses too many spans, and ends in the wrong order or twice', async () => {
    await using world = await start();
    const [from, to] = ['2026-11-26T00:00:00Z', '2026-11-27T00:00:00Z'];
    for (const [variables, message] of [
      [{ from: to, to: from }, 'from must not be later than to.'],
      [{ from: '2026-11-18T23:59:59Z', to }, 'from and to may be 192 spans apart at the most.'],
      [{ from, to, filter: { to } }, 'Send from and to beside the filter, not in it.'],
    ] as const) {
      const { data, errors } = await world.gql(ACTIVITY, { per: 'HOUR', ...variables });
      expect([data.changeActivity, errors[0].message]).toEqual([null, message]);
    }
  });
});

describe('lineStatistics', () => {
  it('counts each line, of one intercom and of all', async () => {
    let clock = 0;
    await using world = await start({ flats: TOWN, now: () => clock });
    await world.patch({ flat_id: 1, is_analog_line_available: false });
    clock += 24 * 60 * 60 * 1_000;
    await world.patch({ flat_id: 2, is_smartphone_sip_line_available: false });
    clock += 1;
    const STATISTICS = `query ($id: ID) { lineStatistics(intercomId: $id) { flats changedLastDay lines { line available unavailable } } }`;
    const line = (name: string, available: number, unavailable: number) => ({ line: name, available, unavailable });
    expect((await world.gql(STATISTICS)).data.lineStatistics).toEqual({
      flats: 15,
      changedLastDay: 1,
      lines: [line('SMARTPHONE_SIP', 14, 1), line('LANDLINE_SIP', 15, 0), line('ANALOG', 8, 7)],
    });
    expect((await world.gql(STATISTICS, { id: 2 })).data.lineStatistics).toEqual({
      flats: 5,
      changedLastDay: 0,
      lines: [line('SMARTPHONE_SIP', 5, 0), line('LANDLINE_SIP', 5, 0), line('ANALOG', 3, 2)],
    });
    expect((await world.gql(STATISTICS, { id: 99 })).data.lineStatistics).toMatchObject({ flats: 0 });
  });
});

describe('lines by intercom', () => {
  it('are counted by their states, and the intercoms with the most silent flats come first', async () => {
    await using world = await start({ flats: TOWN });
    const lines = '{ isSmartphoneSipLineAvailable isLandlineSipLineAvailable isAnalogLineAvailable }';
    for (const flat_id of [1, 7, 8]) {
      await world.patch({
        flat_id,
        is_smartphone_sip_line_available: false,
        is_landline_sip_line_available: false,
        is_analog_line_available: false,
      });
    }
    const { data } = await world.gql(`{
      silentIntercoms(first: 2) { silentFlats intercom { title lineStatistics { flats changedLastDay states { flats properties ${lines} } } } }
      all: lineStatistics { states { flats } }
      intercoms { nodes { lineStatistics { flats } } }
    }`);
    const [second] = data.silentIntercoms;
    expect(data.silentIntercoms.map((it: { silentFlats: number }) => it.silentFlats)).toEqual([2, 1]);
    expect(second.intercom.lineStatistics).toMatchObject({ flats: 5, changedLastDay: 2 });
    expect(second.intercom.lineStatistics.states[0]).toEqual({
      flats: 2,
      properties: {
        isSmartphoneSipLineAvailable: false,
        isLandlineSipLineAvailable: false,
        isAnalogLineAvailable: false,
      },
    });
    expect(data.all.states.reduce((sum: number, it: { flats: number }) => sum + it.flats, 0)).toBe(15);
    expect(data.intercoms.nodes).toEqual([5, 5, 5].map((flats) => ({ lineStatistics: { flats } })));
    for (const first of [-1, 101]) {
      const { errors } = await world.gql(`{ silentIntercoms(first: ${first}) { silentFlats } }`);
      expect(errors[0].message).toBe('first must be from 0 to 100.');
    }
  });
});

describe('keys and users by a prefix', () => {
  it('come in order, with their flats page by page', async () => {
    await using world = await start({
      flats: [
        { intercomId: 1, flat: 1, lines: {}, keys: ['A2', 'A1'], users: ['anna'] },
        { intercomId: 1, flat: 2, lines: {}, keys: ['A2', 'B1'], users: ['anna', 'anton'] },
      ],
    });
    const { data } = await world.gql(`{
      keys(codePrefix: "A") { code flats(first: 1) { totalCount nodes { flat } } }
      users(loginPrefix: "an", first: 1) { login flats { nodes { flat } } }
      none: users(loginPrefix: "z") { login }
    }`);
    expect(data).toEqual({
      keys: [
        { code: 'A1', flats: { totalCount: 1, nodes: [{ flat: 1 }] } },
        { code: 'A2', flats: { totalCount: 2, nodes: [{ flat: 1 }] } },
      ],
      users: [{ login: 'anna', flats: { nodes: [{ flat: 1 }, { flat: 2 }] } }],
      none: [],
    });
    const { errors } = await world.gql(
      '{ keys(codePrefix: "") { code } users(loginPrefix: "a", first: 101) { login } }',
    );
    expect(errors.map((it: { message: string }) => it.message).sort()).toEqual([
      'codePrefix must have at least one character.',
      'first must be from 0 to 100.',
    ]);
  });
});

describe('totalCount', () => {
  it('says where it is no more than a lower bound', async () => {
    await using world = await start();
    const create =
      'mutation ($title: String!) { createIntercom(input: { title: $title, flatFrom: 1, flatTo: 6000 }) { __typename } }';
    for (const title of ['North', 'South']) await world.gql(create, { title });
    const count = '{ totalCount totalCountIsExact }';
    expect(
      await world.gql(`{
        lines: intercomFlats(filter: { isAnalogLineAvailable: true }) ${count}
        numbers: intercomFlats(filter: { flatFrom: 2 }) ${count}
        few: intercomFlats(filter: { intercomTitle: "nor" }) ${count}
        only: intercomFlats(filter: { flatFrom: 2 }) { totalCountIsExact }
        intercoms(filter: { title: "north" }) ${count}
      }`),
    ).toEqual({
      status: 200,
      data: {
        lines: { totalCount: 12_000, totalCountIsExact: true },
        numbers: { totalCount: 10_000, totalCountIsExact: false },
        few: { totalCount: 6_000, totalCountIsExact: true },
        only: { totalCountIsExact: false },
        intercoms: { totalCount: 1, totalCountIsExact: true },
      },
    });
  });
});
