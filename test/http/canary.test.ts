import { expect, it } from 'vitest';
import { SCOPES } from '../../src/domain/caller.ts';
import { createToken, revokeToken } from '../../src/operations/tokens.ts';
import { REST_PATH } from '../../src/rest/address.ts';
import { TESTER } from '../support/origin.ts';
import { rawHttp } from '../support/raw-http.ts';
import { spawnServer } from '../support/spawn.ts';
import { tempDatabase } from '../support/temp-database.ts';
import { until } from '../support/until.ts';
import {
  BAD_TOKEN,
  EXTERNAL_ID,
  failing,
  gql,
  KEY,
  LOGIN,
  MARK,
  patch,
  quoted,
  REASON,
  type Sent,
  TITLE,
} from './failing-requests.ts';

/** A service as in production, on a database that holds the canaries; it tells all it can tell. */
async function aviary() {
  const database = await tempDatabase();
  const tokens: Record<string, string> = {};
  {
    await using store = await database.open();
    const linked = { keys: [KEY], users: [LOGIN], intercomTitle: TITLE, intercomExternalId: EXTERNAL_ID };
    await store.importRows(TESTER, [{ intercomId: 1, flat: 10, lines: {}, ...linked }]);
    for (const name of [...SCOPES, 'revoked']) {
      const created = await createToken(store, name, name === 'revoked' ? 'admin' : (name as (typeof SCOPES)[number]));
      if (created.kind === 'refused') throw new Error(created.problem);
      tokens[name] = created.token;
    }
    await revokeToken(store, 'revoked');
  }
  // Requests that are only counted would not be looked at.
  const unlimited = { RATE_UNAUTHENTICATED: 'off', RATE_FAILED_AUTHENTICATIONS: 'off' };
  const settings = { LOG_LEVEL: 'trace', INTROSPECTION: 'off', GRAPHIQL: 'off', ...unlimited };
  const server = await spawnServer('', { ...database.env, ...settings });
  return {
    ...{ database, server, url: server.url },
    as: (name: string) => ({ authorization: `Bearer ${tokens[name]}` }),
    /** What of the canaries a text holds. */
    canariesIn: (text: string) =>
      [MARK, ...Object.values(tokens)].filter((it) => text.toLowerCase().includes(it.toLowerCase())),
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      await database[Symbol.asyncDispose]();
    },
  };
}

/** Whether an answer says no, in whichever way its door does. */
const saysNo = (status: number, text: string): boolean =>
  status >= 400 || /"errors":\[|"__typename":"(ValidationError|VersionConflict|FlatsInUse)"/.test(text);

it('1,000 requests that fail leave no canary in answers, logs or metrics', async () => {
  await using world = await aviary();
  const { url, server, as, canariesIn } = world;
  const hits: unknown[] = [];
  let count = 0;

  async function ask({ path, ...init }: Sent): Promise<void> {
    const response = await fetch(url + path, init);
    const text = await response.text();
    const told = `${[...response.headers].join()} ${text}`;
    count++;
    if (!saysNo(response.status, text)) hits.push(['did not fail', path, init, text]);
    if (canariesIn(told).length > 0) hits.push([canariesIn(told), path, init, told]);
  }
  async function throwIn(bytes: string): Promise<void> {
    const text = await rawHttp(url, bytes);
    count++;
    if (text === '') hits.push(['no answer', bytes]);
    if (canariesIn(text).length > 0) hits.push([canariesIn(text), bytes, text]);
  }

  const all = failing(as);
  const asking = Array.from({ length: 8 }, async () => {
    for (let sent = all.pop(); sent; sent = all.pop()) await ask(sent);
  });
  await Promise.all(asking);
  const { authorization } = as('write');
  for (const bytes of [
    `${BAD_TOKEN}\r\n\r\n`,
    `GET /${KEY} HTTP/9.9\r\nHost: ${LOGIN}\r\n\r\n`,
    `PATCH ${REST_PATH} HTTP/1.1\r\nHost: x\r\n${authorization}\r\n\r\n`,
    `PATCH ${REST_PATH} HTTP/1.1\r\nHost: x\r\nAuthorization: ${authorization}\r\nTransfer-Encoding: chunked\r\n\r\n${KEY}\r\n`,
    `GET / HTTP/1.1\r\nHost: x\r\nX: ${KEY.repeat(2_000)}\r\n\r\n`,
  ]) {
    await throwIn(bytes);
  }
  // This one is not answered, and has a line in the log, which is looked at in the end.
  const unfinished = `PATCH ${REST_PATH} HTTP/1.1\r\nHost: x\r\nX-Request-Id: unfinished\r\nAuthorization: ${authorization}\r\nContent-Length: 99\r\n\r\n{"flat_id": "${KEY}`;
  expect(await rawHttp(url, unfinished, { first: 500 })).toBe('');
  await until(() => server.stdout().includes('"requestId":"unfinished"'));
  count++;

  // A database without its tables makes faults of the best requests.
  await world.database.run('drop table keys; drop table flat_users; drop table changes');
  for (const value of [KEY, LOGIN, TITLE, BAD_TOKEN]) {
    await ask(patch(quoted({ flat_id: 1, reason: value, is_analog_line_available: false }), as('write')));
    await ask(
      gql(
        `{ intercomFlats(filter: { keyCode: ${quoted(value)} }) { edges { node { keys { code } } } } }`,
        {},
        as('read'),
      ),
    );
    await ask(
      gql(
        'mutation ($v: [String!]!) { attachKeys(input: { flatId: 1, keys: $v }) { __typename } }',
        { v: [value] },
        as('admin'),
      ),
    );
    await ask(
      gql(`mutation { attachUsers(input: { flatId: 1, users: [${quoted(value)}] }) { __typename } }`, {}, as('admin')),
    );
    await ask(
      gql(
        `mutation { updateIntercomFlat(input: { flatId: 1, reason: ${quoted(value)}, isAnalogLineAvailable: false }) { __typename } }`,
        {},
        as('write'),
      ),
    );
  }

  const metrics = await (await fetch(`${url}/metrics`, { headers: as('read') })).text();
  server.child.kill('SIGTERM');
  const { stdout, stderr } = await server.exit;
  expect(hits).toEqual([]);
  expect([canariesIn(stdout), canariesIn(stderr), canariesIn(metrics)]).toEqual([[], [], []]);
  expect(stdout).toContain('"level":50');
  expect(count).toBeGreaterThanOrEqual(1_000);
});

it('requests that succeed, and names that are quoted back to who wrote them, leave no canary in logs or metrics', async () => {
  await using world = await aviary();
  const { url, server, as, canariesIn } = world;
  const documents = [
    `mutation { attachKeys(input: { flatId: 1, keys: [${quoted(`${KEY}2`)}], reason: ${quoted(REASON)} }) { __typename } }`,
    `mutation { updateIntercom(input: { externalId: ${quoted(EXTERNAL_ID)}, title: ${quoted(`${TITLE}!`)} }) { __typename } }`,
    `mutation { updateIntercomFlat(input: { flatId: 1, reason: ${quoted(REASON)}, isAnalogLineAvailable: false }) { __typename } }`,
    `mutation { updateIntercomFlatsWhere(input: { filter: { userLogin: ${quoted(LOGIN)} }, reason: ${quoted(REASON)}, isAnalogLineAvailable: true }) { __typename } }`,
    `query ${MARK} { changes { edges { node { reason ... on FlatChange { intercomFlat { keys { code } } } } } } }`,
  ];
  for (const document of documents) {
    const answer = await fetch(`${url}/graphql`, gql(document, {}, as('admin')));
    expect(saysNo(answer.status, await answer.text())).toBe(false);
  }
  const named = `query ${MARK} { ${MARK}(${MARK}: $${MARK}) @${MARK} { ...${MARK} } }`;
  const answer = await fetch(`${url}/graphql`, gql(named, {}, as('read')));
  expect(canariesIn(await answer.text())).toEqual([MARK]);
  const ignored = await fetch(url + REST_PATH, patch(quoted({ flat_id: 1, [MARK]: 1 }), as('write')));
  expect(ignored.headers.get('x-unknown-keys')).toBe(MARK);
  const metrics = await (await fetch(`${url}/metrics`, { headers: as('read') })).text();
  server.child.kill('SIGTERM');
  const { stdout, stderr } = await server.exit;
  expect(stdout).toContain('updateIntercomFlatsWhere');
  expect(canariesIn(stdout + stderr + metrics)).toEqual([]);
});
