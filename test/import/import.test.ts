import { request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { revokeToken } from '../../src/operations/tokens.ts';
import { start, type World } from '../support/start.ts';
import { until } from '../support/until.ts';

const HEADER = 'intercom_id,flat,is_analog_line_available,keys,users,intercom_title\n';
const FILE = `${HEADER}1,10,true,A1;A2,anna,Garden Street\n1,11,0,,,\n1,x,,,,\n1,10,,,,\n2,7,,,boris,\n`;

const post = (world: World, body: string, { query = '', headers = {} as Record<string, string> } = {}) =>
  fetch(`${world.url}/import${query}`, { method: 'POST', headers: { 'content-type': 'text/csv', ...headers }, body });

/** The lines of an answer. */
async function linesOf(response: Response) {
  const lines = (await response.text()).trimEnd().split('\n');
  // biome-ignore lint/suspicious/noExplicitAny: each kind of line has another shape
  return lines.map((it): any => JSON.parse(it));
}

/** The lines of an answer, but for those that come as time passes. */
const resultsOf = async (response: Response) => (await linesOf(response)).filter((it) => it.progress === undefined);

const flatsOf = async (world: World) =>
  (await world.gql('{ intercomFlats { nodes { flat keys { code } properties { isAnalogLineAvailable } } } }')).data
    .intercomFlats.nodes;

const manyRows = (many: number, from = 1) =>
  `${HEADER}${Array.from({ length: many }, (_, i) => `${1 + Math.floor((from + i) / 100)},${1 + ((from + i) % 100)},,,,\n`).join('')}`;

const SUMMARY = {
  ...{ rows: 5, intercomsCreated: 2, intercomsChanged: 0, flatsCreated: 3, flatsChanged: 0, unchanged: 0, refused: 2 },
  stoppedBy: null,
};
const BAD = [
  { line: 4, column: 'flat', reason: 'notAnInteger', message: 'must be a whole number from 1 to 2147483647' },
  { line: 5, column: 'flat', reason: 'duplicate', message: 'stands already in an earlier row' },
];

describe('POST /import', () => {
  it('imports the good rows of a file, and answers the bad ones and a summary', async () => {
    await using world = await start();
    const response = await post(world, FILE);
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'application/x-ndjson']);
    expect(await resultsOf(response)).toEqual([
      ...BAD.map((bad) => ({ bad })),
      { done: { dryRun: false, ...SUMMARY } },
    ]);
    expect(await flatsOf(world)).toEqual([
      { flat: 10, keys: [{ code: 'A1' }, { code: 'A2' }], properties: { isAnalogLineAvailable: true } },
      { flat: 11, keys: [], properties: { isAnalogLineAvailable: false } },
      { flat: 7, keys: [], properties: { isAnalogLineAvailable: true } },
    ]);
    const { nodes } = (await world.gql('{ changes(kinds: [FLAT_CREATED]) { nodes { actor channel } } }')).data.changes;
    expect(nodes).toEqual([1, 2, 3].map(() => ({ actor: 'local', channel: 'IMPORT' })));
    expect(world.told.some((it) => it.includes('"msg":"import"') && it.includes('"flatsCreated":3'))).toBe(true);
  });

  it('in a dry run answers the same, and changes nothing', async () => {
    await using world = await start();
    expect(await resultsOf(await post(world, FILE, { query: '?dryRun=true' }))).toEqual([
      ...BAD.map((bad) => ({ bad })),
      { done: { dryRun: true, ...SUMMARY } },
    ]);
    expect(await flatsOf(world)).toEqual([]);
    expect(await world.store.changesHead()).toBe(0);
  });

  it('refuses what is no such file, and bodies of other types, with no change', async () => {
    await using world = await start({ limits: { importBody: 2_000 } });
    const empty = await post(world, '');
    const message = expect.stringContaining('the file is empty');
    expect([empty.status, await empty.json()]).toEqual([422, { message, errors: { file: [message] } }]);
    const unknown = await post(world, 'flat,x\n1,2\n', { headers: { 'accept-language': 'ru' } });
    expect([unknown.status, (await unknown.json()).message]).toEqual([
      422,
      expect.stringMatching(
        /^Неверный заголовок: неизвестный столбец "x"; нет столбца intercom_id\.\nОбязательные столбцы: intercom_id, flat\. Другие: /,
      ),
    ]);
    expect((await post(world, `${HEADER}${' '.repeat(2_000)}`)).status).toBe(413);
    for (const type of ['text/plain', 'application/json', 'multipart/form-data; boundary=x']) {
      const other = await post(world, FILE, { headers: { 'content-type': type, 'accept-language': 'ru' } });
      expect([other.status, await other.json()]).toEqual([
        415,
        { message: 'Отправьте файл CSV как тело запроса, с Content-Type: text/csv.' },
      ]);
    }
    const wrong = await fetch(`${world.url}/import`);
    expect([wrong.status, wrong.headers.get('allow')]).toEqual([405, 'POST']);
    expect(await flatsOf(world)).toEqual([]);
  });

  it('needs the scope admin', async () => {
    await using world = await start();
    const admin = await world.bearer('admin');
    expect((await post(world, FILE)).status).toBe(401);
    for (const scope of ['read', 'write'] as const) {
      expect((await post(world, FILE, { headers: await world.bearer(scope) })).status).toBe(403);
    }
    expect((await linesOf(await post(world, FILE, { headers: admin }))).at(-1).done.flatsCreated).toBe(3);
  });

  it('reports its progress, serves others meanwhile, and runs once at a time', async () => {
    await using world = await start({ flats: [{ intercomId: 900, flat: 1, lines: {} }] });
    const response = await post(world, manyRows(30_000));
    const second = await post(world, FILE);
    expect([second.status, second.headers.get('retry-after'), await second.json()]).toEqual([
      503,
      '5',
      { message: 'Another import is running. Try again when it is over.' },
    ]);
    expect((await world.patch({ intercom_id: 900, flat: 1, is_analog_line_available: false })).status).toBe(200);
    const lines = await linesOf(response);
    const progress = lines.flatMap((it) => it.progress ?? []);
    expect(progress.length).toBeGreaterThan(0);
    for (const { rows, share } of progress) expect(Math.abs(rows / 30_000 - share)).toBeLessThan(0.1);
    expect(lines.at(-1).done).toMatchObject({ rows: 30_000, flatsCreated: 30_000, stoppedBy: null });
    expect((await post(world, FILE)).status).toBe(200);
  });

  it('stops when the caller leaves, and keeps what it has done', async () => {
    await using world = await start();
    const sending = request(`${world.url}/import`, { method: 'POST', headers: { 'content-type': 'text/csv' } });
    sending.on('error', () => {});
    sending.end(manyRows(50_000));
    await until(async () => (await world.store.countFlats({ lines: {} })).count > 0);
    sending.destroy();
    await until(() => world.told.some((it) => it.includes('"stoppedBy":"LEFT"')));
    const { count } = await world.store.countFlats({ lines: {} });
    expect(count).toBeLessThan(50_000);
    await sleep(50);
    expect((await world.store.countFlats({ lines: {} })).count).toBe(count);
    expect((await linesOf(await post(world, manyRows(200)))).at(-1).done).toMatchObject({ unchanged: 200 });
  });

  it('stops once its token is revoked', async () => {
    await using world = await start();
    const headers = await world.bearer('admin', 'leaver');
    const response = await post(world, manyRows(50_000), { headers });
    await until(async () => (await world.store.countFlats({ lines: {} })).count > 0);
    await revokeToken(world.store, 'leaver');
    const { done } = (await linesOf(response)).at(-1);
    expect(done.stoppedBy).toBe('TOKEN_REVOKED');
    expect(done.flatsCreated).toBe((await world.store.countFlats({ lines: {} })).count);
  });
});
