import { describe, expect, it } from 'vitest';
import type { FlatRow } from '../../src/domain/import-row.ts';
import { TESTER } from '../support/origin.ts';
import type { OtherClient } from '../support/other-client.ts';
import { spawnServer } from '../support/spawn.ts';
import { BUILDING, NOON, start, type World } from '../support/start.ts';
import { tempDatabase } from '../support/temp-database.ts';

const WHERE = `mutation ($input: UpdateIntercomFlatsWhereInput!) {
  updateIntercomFlatsWhere(input: $input) {
    __typename
    ... on UpdateIntercomFlatsWhereSuccess { matched changed stoppedBy }
    ... on UserError { message }
    ... on ValidationError { fields { field code message } }
  }
}`;

const ask = async (world: World, input: object, headers = {}) =>
  (await world.gql(WHERE, { input }, headers)).data.updateIntercomFlatsWhere;
const success = (matched: number, changed: number, stoppedBy: string | null = null) => ({
  __typename: 'UpdateIntercomFlatsWhereSuccess',
  matched,
  changed,
  stoppedBy,
});

/** So many flats, 100 on each intercom. */
const flats = (count: number): readonly FlatRow[] =>
  Array.from({ length: count }, (_, i) => ({ intercomId: 1 + Math.floor(i / 100), flat: 1 + (i % 100), lines: {} }));

const count = async (client: OtherClient, what: string): Promise<number> =>
  ((await client.rows(`select count(*) n from ${what}`)) as [{ n: number }])[0].n;

/** Flats whose landline is off, rows of the log that say so, and flats for which the two do not agree. */
const landlines = async (client: OtherClient) => ({
  off: await count(client, 'flats where not landline_sip'),
  logged: await count(client, 'changes where before_landline_sip and not after_landline_sip'),
  astray: await count(
    client,
    `flats f where version != case when landline_sip then 1 else 2 end
      or (select count(*) from changes where flat_id = f.id) != case when landline_sip then 0 else 1 end`,
  ),
});

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 1));
}

describe('updateIntercomFlatsWhere', () => {
  it('sets the lines of the flats that match, and of no other, each with a row in the log', async () => {
    await using world = await start({ flats: BUILDING });
    const input = { filter: { intercomId: 1 }, isLandlineSipLineAvailable: false, reason: 'month start' };
    expect(await ask(world, input)).toEqual(success(2, 1));
    expect(await world.rows('select id, landline_sip, version from flats order by id')).toEqual([
      { id: 1, landline_sip: 0, version: 2 },
      { id: 2, landline_sip: 0, version: 1 },
      { id: 3, landline_sip: 1, version: 1 },
    ]);
    expect(await world.rows('select flat_id, actor, channel, reason, changed_at from changes')).toEqual([
      { flat_id: 1, actor: 'local', channel: 'GRAPHQL', reason: 'month start', changed_at: NOON },
    ]);
    expect(await ask(world, input)).toEqual(success(2, 0));
    expect(await ask(world, { filter: { keyCode: 'A1' }, isAnalogLineAvailable: false })).toEqual(success(1, 1));
    expect(await ask(world, { filter: { intercomId: 9 }, isAnalogLineAvailable: false })).toEqual(success(0, 0));
    expect(await ask(world, { all: true, isAnalogLineAvailable: false })).toEqual(success(3, 2));
    expect(world.told.map((line) => JSON.parse(line)).slice(0, 2)).toEqual(
      [1, 0].map((changed) => ({
        ...{ level: 30, time: expect.any(Number), pid: process.pid, hostname: expect.any(String) },
        ...{ actor: 'local', dryRun: false, matched: 2, changed, leftSilent: 0, state: 'DONE' },
        msg: 'updateIntercomFlatsWhere',
      })),
    );
    expect(world.faults).toEqual([]);
  });

  it.each<[string, object, object]>([
    ['neither filter nor all', { isAnalogLineAvailable: false }, { filter: 'REQUIRED', all: 'REQUIRED' }],
    [
      'a filter that asks for nothing',
      { filter: {}, isAnalogLineAvailable: false },
      { filter: 'REQUIRED', all: 'REQUIRED' },
    ],
    [
      'a filter whose values got lost',
      { filter: { intercomId: null, userLoginPrefix: '', isAnalogLineAvailable: null }, isAnalogLineAvailable: false },
      {
        'filter.intercomId': 'EMPTY_CONDITION',
        'filter.userLoginPrefix': 'EMPTY_CONDITION',
        'filter.isAnalogLineAvailable': 'EMPTY_CONDITION',
      },
    ],
    [
      'both filter and all',
      { filter: { flat: 10 }, all: true, isAnalogLineAvailable: false },
      { filter: 'MUTUALLY_EXCLUSIVE', all: 'MUTUALLY_EXCLUSIVE' },
    ],
    [
      'what cannot be read, in the filter and beside it',
      { filter: { intercomId: 'x', intercomTitle: 'ab' }, isAnalogLineAvailable: null, reason: 'x'.repeat(501) },
      {
        'filter.intercomId': 'INVALID_INTEGER',
        'filter.intercomTitle': 'TOO_SHORT',
        isAnalogLineAvailable: 'INVALID_BOOLEAN',
        reason: 'TOO_LONG',
      },
    ],
    [
      'no line to set',
      { filter: { flat: 10 } },
      {
        isSmartphoneSipLineAvailable: 'REQUIRED',
        isLandlineSipLineAvailable: 'REQUIRED',
        isAnalogLineAvailable: 'REQUIRED',
      },
    ],
  ])('refuses %s, and changes nothing', async (_, input, codes) => {
    await using world = await start({ flats: BUILDING });
    const answer = await ask(world, input);
    expect(answer).toMatchObject({ __typename: 'ValidationError' });
    expect(answer.fields.map((it: { field: string; code: string }) => [it.field, it.code])).toEqual(
      Object.entries(codes),
    );
    expect(await count(world, 'changes')).toBe(0);
    expect([world.told, world.faults]).toEqual([[], []]);
  });

  it.each([
    ['intercomId', [null, '']],
    ['flat', [null]],
    ['flatFrom', [null]],
    ['flatTo', [null]],
    ['isSmartphoneSipLineAvailable', [null]],
    ['isLandlineSipLineAvailable', [null]],
    ['isAnalogLineAvailable', [null]],
    ['keyCode', [null, '', ' \t']],
    ['userLogin', [null, '', ' ']],
    ['userLoginPrefix', [null, '', '  ']],
    ['intercomTitle', [null, '', '\n']],
    ['changedSince', [null]],
  ])('refuses a %s whose value got lost, whatever stands beside it', async (name, values) => {
    await using world = await start({ flats: BUILDING });
    const document = `mutation ($value: ${name === 'changedSince' ? 'DateTime' : /^flat/.test(name) ? 'Int' : /^is/.test(name) ? 'Boolean' : name === 'intercomId' ? 'ID' : 'String'}) {
      updateIntercomFlatsWhere(input: { filter: { ${name}: $value }, all: true, isAnalogLineAvailable: false }) {
        __typename ... on ValidationError { fields { field code } } } }`;
    for (const value of values) {
      const code = name === 'intercomId' && value === '' ? 'INVALID_INTEGER' : 'EMPTY_CONDITION';
      for (const beside of [{}, { flat: 10 }, { isAnalogLineAvailable: true }]) {
        for (const all of [false, true]) {
          const answer = await ask(world, { filter: { ...beside, [name]: value }, all, isAnalogLineAvailable: false });
          expect(answer.fields.map((it: { field: string; code: string }) => [it.field, it.code])).toContainEqual([
            `filter.${name}`,
            code,
          ]);
        }
      }
      const { data } = await world.gql(document, { value });
      expect(data.updateIntercomFlatsWhere).toMatchObject({ __typename: 'ValidationError' });
    }
    // A variable that is left out is no field at all: then `all` stands alone, and is meant.
    const { data } = await world.gql(document.replace('all: true', 'all: false'), {});
    expect(data.updateIntercomFlatsWhere).toMatchObject({
      fields: [
        { field: 'filter', code: 'REQUIRED' },
        { field: 'all', code: 'REQUIRED' },
      ],
    });
    expect(await count(world, 'changes')).toBe(0);
  });

  it('wants all beside a filter of lines alone, and then means every building', async () => {
    await using world = await start({ flats: BUILDING });
    const input = { filter: { isLandlineSipLineAvailable: true }, isLandlineSipLineAvailable: false };
    const { fields } = await ask(world, input);
    expect(fields).toEqual([
      {
        field: 'filter',
        code: 'NOT_NARROWED',
        message:
          'filter only has conditions on lines, which select flats of every building. Add an intercom, numbers, a title, a key, a login or a time, or send all: true.',
      },
    ]);
    expect(await count(world, 'changes')).toBe(0);
    expect(await ask(world, { ...input, all: true })).toMatchObject({ matched: 2, changed: 2 });
  });

  it('does not take a null dryRun for a no', async () => {
    await using world = await start({ flats: BUILDING });
    const { errors } = await world.gql(WHERE, { input: { all: true, isAnalogLineAvailable: false, dryRun: null } });
    expect(errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }]);
    expect(await count(world, 'changes')).toBe(0);
  });

  it('says what is accepted, in the language of the caller', async () => {
    await using world = await start({ flats: BUILDING });
    const [title, lines] = [{ filter: { intercomTitle: 'ab' }, isAnalogLineAvailable: true }, { all: true }];
    const messages = async (input: object, headers = {}) =>
      (await ask(world, input, headers)).fields.map((it: { message: string }) => it.message);
    expect(await messages({ isAnalogLineAvailable: true })).toEqual(['Send filter or all.', 'Send all or filter.']);
    expect(await messages(title)).toEqual(['filter.intercomTitle must have at least 3 characters.']);
    expect((await messages(lines))[2]).toBe('Send at least one line to set, such as isAnalogLineAvailable.');
    const russian = { 'accept-language': 'ru' };
    expect(await messages(title, russian)).toEqual(['В поле filter.intercomTitle должно быть не менее 3 символов.']);
    expect((await messages(lines, russian))[2]).toBe('Укажите хотя бы одну линию, например isAnalogLineAvailable.');
  });

  it('comes by every flat once when the filter asks for the very line that it sets, and tells first what it will do', async () => {
    await using world = await start({ flats: flats(2_345) });
    await ask(world, { filter: { flatFrom: 91 }, isAnalogLineAvailable: false });
    const before = await count(world, 'changes');
    const input = { filter: { isLandlineSipLineAvailable: true, flatTo: 90 }, isLandlineSipLineAvailable: false };
    expect(await ask(world, { ...input, dryRun: true })).toEqual(success(2_115, 2_115));
    expect(await count(world, 'changes')).toBe(before);
    expect(await ask(world, input)).toEqual(success(2_115, 2_115));
    expect(await count(world, 'changes')).toBe(before + 2_115);
    expect(await count(world, '(select 1 from changes group by flat_id having count(*) > 1) twice')).toBe(0);
    expect(await ask(world, { ...input, dryRun: true })).toEqual(success(0, 0));
    expect(await ask(world, { all: true, isLandlineSipLineAvailable: false, dryRun: true })).toEqual(
      success(2_345, 230),
    );
  });

  it('says how many flats it leaves with no line that rings, and which change set it is', async () => {
    await using world = await start({ flats: BUILDING });
    const answer = async (input: object) => {
      const { data } = await world.gql(
        `mutation ($input: UpdateIntercomFlatsWhereInput!) { updateIntercomFlatsWhere(input: $input) {
          ... on UpdateIntercomFlatsWhereSuccess { matched changed leftSilent changeSet } } }`,
        { input },
      );
      return data.updateIntercomFlatsWhere;
    };
    const off = { all: true, isSmartphoneSipLineAvailable: false, isAnalogLineAvailable: false };
    const figures = { matched: 3, changed: 3, leftSilent: 1 };
    expect(await answer({ ...off, dryRun: true })).toEqual({ ...figures, changeSet: null });
    const { changeSet, ...done } = await answer(off);
    expect(done).toEqual(figures);
    const { data } = await world.gql(
      'query ($it: ID!) { node(id: $it) { ... on ChangeSet { changes } } changes(filter: { changeSet: $it }) { totalCount } }',
      { it: changeSet },
    );
    expect(data).toEqual({ node: { changes: 3 }, changes: { totalCount: 3 } });
    // What was silent before is not left so by it.
    expect(await answer({ ...off, isLandlineSipLineAvailable: false })).toMatchObject({ changed: 2, leftSilent: 2 });
    expect(await answer(off)).toEqual({ matched: 3, changed: 0, leftSilent: 0, changeSet: null });
  });

  it('leaves flats alone that are excepted', async () => {
    await using world = await start({ flats: BUILDING });
    const { data } = await world.gql('{ intercomFlat(by: { flatId: 2 }) { id } }');
    const exceptFlatIds = [1, data.intercomFlat.id, 99];
    const input = { all: true, isAnalogLineAvailable: false, exceptFlatIds };
    expect(await ask(world, { ...input, dryRun: true })).toEqual(success(1, 1));
    expect(await ask(world, input)).toEqual(success(1, 1));
    expect(await world.rows('select id from flats where not analog')).toEqual([{ id: 3 }]);
  });

  it('refuses what would change more flats than it may, and changes none', async () => {
    await using world = await start({ flats: flats(1_500) });
    const input = { all: true, isLandlineSipLineAvailable: false };
    for (const dryRun of [true, false]) {
      expect(await ask(world, { ...input, atMost: 1_499, dryRun })).toEqual({
        __typename: 'ValidationError',
        message: 'More flats would be changed than atMost allows, so nothing was changed.',
        fields: [{ field: 'atMost', code: 'EXCEEDED', message: expect.any(String) }],
      });
    }
    expect(await count(world, 'changes')).toBe(0);
    expect(await ask(world, { ...input, atMost: 1_500 })).toEqual(success(1_500, 1_500));
    // Flats that have the lines already do not count.
    expect(await ask(world, { ...input, atMost: 1 })).toEqual(success(1_500, 0));
  });

  it.each<[string, object, object]>([
    [
      'a lost limit and lost exceptions',
      { atMost: null, exceptFlatIds: null },
      { atMost: 'EMPTY_CONDITION', exceptFlatIds: 'EMPTY_CONDITION' },
    ],
    ['no exception at all', { exceptFlatIds: [] }, { exceptFlatIds: 'EMPTY_CONDITION' }],
    [
      'what is no number, and no id',
      { atMost: 0, exceptFlatIds: ['1', 'x'] },
      { atMost: 'INVALID_INTEGER', 'exceptFlatIds[1]': 'INVALID_INTEGER' },
    ],
    [
      'too many exceptions',
      { exceptFlatIds: Array.from({ length: 501 }, (_, i) => i + 1) },
      { exceptFlatIds: 'TOO_MANY' },
    ],
  ])('refuses %s', async (_, belt, codes) => {
    await using world = await start({ flats: BUILDING });
    const { fields } = await ask(world, { all: true, isAnalogLineAvailable: false, ...belt });
    expect(fields.map((it: { field: string; code: string }) => [it.field, it.code])).toEqual(Object.entries(codes));
    expect(await count(world, 'changes')).toBe(0);
  });

  it('leaves updates beside it alone, and they leave it alone', async () => {
    await using world = await start({ flats: flats(2_000) });
    const job = ask(world, { all: true, isLandlineSipLineAvailable: false });
    const ids = Array.from({ length: 150 }, (_, i) => 1 + i * 13);
    const singles = ids.map((flat_id) => world.patch({ flat_id, is_analog_line_available: false }));
    expect((await Promise.all(singles)).map((it) => it.status)).toEqual(ids.map(() => 200));
    expect(await job).toEqual(success(2_000, 2_000));
    expect(await count(world, 'flats where not landline_sip')).toBe(2_000);
    expect(await world.rows('select id from flats where not analog and version = 3 order by id')).toEqual(
      ids.map((id) => ({ id })),
    );
    expect(await count(world, 'changes')).toBe(2_150);
  });

  it('tells the operator how far it is', async () => {
    let now = NOON;
    await using world = await start({ flats: flats(300), now: () => (now += 2_000) });
    await ask(world, { all: true, isLandlineSipLineAvailable: false });
    const lines = world.told.map((line) => JSON.parse(line));
    expect(lines.length).toBeGreaterThan(1);
    expect(lines.map((it) => it.state)).toEqual([...lines.slice(1).map(() => 'RUNNING'), 'DONE']);
    expect(lines.map((it) => it.changed)).toEqual(lines.map((it) => it.changed).toSorted((a, b) => a - b));
    expect(lines.at(-1)).toMatchObject({ matched: 300, changed: 300 });
  });

  it('stops when the caller leaves; a second run finishes the rest', async () => {
    await using world = await start({ flats: flats(5_000), lockTimeoutMs: 1_000_000 });
    const leaving = new AbortController();
    const left = fetch(`${world.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query: WHERE, variables: { input: { all: true, isLandlineSipLineAvailable: false } } }),
      signal: leaving.signal,
    }).catch((error: Error) => error.name);
    await until(async () => (await world.rows('select 1 from changes limit 1')).length > 0);
    // The job waits for its next chunk until the service knows that its caller has left.
    const lock = await world.lock();
    leaving.abort();
    expect(await left).toBe('AbortError');
    await until(() => world.requests.length > 0);
    await lock[Symbol.asyncDispose]();
    await until(() => world.told.length > 0);
    const { state, changed } = JSON.parse(world.told[0] as string);
    expect([state, changed > 0 && changed < 5_000]).toEqual(['STOPPED', true]);
    expect(await landlines(world)).toEqual({ off: changed, logged: changed, astray: 0 });
    expect(await ask(world, { all: true, isLandlineSipLineAvailable: false })).toEqual(success(5_000, 5_000 - changed));
    expect(await landlines(world)).toEqual({ off: 5_000, logged: 5_000, astray: 0 });
    expect(world.faults).toEqual([]);
  });

  it('stops when another process keeps the storage, and tells what it has done', async () => {
    await using world = await start({ flats: flats(5_000), lockTimeoutMs: 1_000 });
    const input = { filter: { isLandlineSipLineAvailable: true }, all: true, isLandlineSipLineAvailable: false };
    const job = ask(world, input);
    await until(async () => (await world.rows('select 1 from changes limit 1')).length > 0);
    const lock = await world.lock();
    const { matched, changed, stoppedBy } = await job;
    expect([matched, changed < 5_000, stoppedBy]).toEqual([changed, true, 'STORAGE_BUSY']);
    expect(await landlines(world)).toEqual({ off: changed, logged: changed, astray: 0 });
    await lock[Symbol.asyncDispose]();
    expect(await ask(world, input)).toEqual(success(5_000 - changed, 5_000 - changed));
    expect(await landlines(world)).toEqual({ off: 5_000, logged: 5_000, astray: 0 });
    expect(world.faults).toEqual([]);
  });

  it('stops at SIGTERM and still answers; after a restart a second run finishes the rest', async () => {
    await using database = await tempDatabase();
    {
      await using store = await database.open();
      await store.importRows(TESTER, flats(4_000));
    }
    const input = { filter: { isLandlineSipLineAvailable: true }, all: true, isLandlineSipLineAvailable: false };
    const run = async (url: string) => {
      const response = await fetch(`${url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ query: WHERE, variables: { input } }),
      });
      // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape
      return ((await response.json()) as any).data.updateIntercomFlatsWhere;
    };
    let done: number;
    {
      await using server = await spawnServer('', database.env);
      // The first chunk of the job is written after the signal, which the service gets before another chunk.
      const lock = await database.lock();
      const job = run(server.url);
      const waiting = /^intercom_flats_waiting_edits [1-9]/m;
      await until(async () => waiting.test(await (await fetch(`${server.url}/metrics`)).text()));
      server.child.kill('SIGTERM');
      await lock[Symbol.asyncDispose]();
      const { matched, changed, stoppedBy } = await job;
      expect([matched, changed > 0 && changed < 4_000, stoppedBy]).toEqual([changed, true, 'SHUTTING_DOWN']);
      expect(await server.exit).toMatchObject({ code: 0, stderr: '' });
      done = changed;
    }
    expect(await landlines(database)).toEqual({ off: done, logged: done, astray: 0 });
    await using server = await spawnServer('', database.env);
    expect(await run(server.url)).toEqual(success(4_000 - done, 4_000 - done));
    expect(await landlines(database)).toEqual({ off: 4_000, logged: 4_000, astray: 0 });
  });
});
