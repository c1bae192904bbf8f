import Sqlite from 'better-sqlite3';
import { expect, it } from 'vitest';
import { SCOPES } from '../../src/domain/caller.ts';
import { createToken } from '../../src/operations/create-token.ts';
import { revokeToken } from '../../src/operations/revoke-token.ts';
import { REST_PATH } from '../../src/rest/route.ts';
import { openStore } from '../../src/store/open.ts';
import { rawHttp } from '../support/raw-http.ts';
import { spawnServer } from '../support/spawn.ts';
import { tempFolder } from '../support/temp-folder.ts';

/** Stands in every value that nobody shall find again. */
const MARK = 'c4n4ry';
const KEY = `${MARK}-key`;
const LOGIN = `${MARK}-login`;
const TITLE = `Garden street ${MARK}`;
const EXTERNAL_ID = `crm-${MARK}`;
const REASON = `because ${MARK}`;
const BAD_TOKEN = `ifl_${MARK}-${'A'.repeat(36)}`;

/** A service as in production, on a database that holds the canaries; it tells all it can tell. */
async function aviary() {
  const folder = await tempFolder();
  const file = folder.file('flats.db');
  const tokens: Record<string, string> = {};
  {
    await using store = openStore({ file });
    const linked = { keys: [KEY], users: [LOGIN], intercomTitle: TITLE, intercomExternalId: EXTERNAL_ID };
    await store.place([{ intercomId: 1, flat: 10, lines: {}, ...linked }]);
    for (const name of [...SCOPES, 'revoked']) {
      const created = await createToken(store, name, name === 'revoked' ? 'admin' : (name as (typeof SCOPES)[number]));
      if (created.kind === 'refused') throw new Error(created.problem);
      tokens[name] = created.token;
    }
    await revokeToken(store, 'revoked');
  }
  // Requests that are only counted would not be looked at.
  const unlimited = { RATE_UNAUTHENTICATED: 'off', RATE_FAILED_AUTHENTICATIONS: 'off' };
  const server = await spawnServer(file, { LOG_LEVEL: 'trace', INTROSPECTION: 'off', GRAPHIQL: 'off', ...unlimited });
  return {
    ...{ file, server, url: server.url },
    as: (name: string) => ({ authorization: `Bearer ${tokens[name]}` }),
    /** What of the canaries a text holds. */
    canariesIn: (text: string) =>
      [MARK, ...Object.values(tokens)].filter((it) => text.toLowerCase().includes(it.toLowerCase())),
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      await folder[Symbol.asyncDispose]();
    },
  };
}

type Aviary = Awaited<ReturnType<typeof aviary>>;

interface Sent {
  readonly path: string;
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string;
}

const JSON_BODY = { 'content-type': 'application/json' };
const patch = (body: string, headers: Record<string, string> = {}): Sent => ({
  path: REST_PATH,
  method: 'PATCH',
  headers,
  body,
});
const gql = (query: string, variables: unknown = {}, more: Record<string, string> = {}): Sent => ({
  ...{ path: '/graphql', method: 'POST', headers: { ...JSON_BODY, ...more } },
  body: JSON.stringify({ query, variables }),
});
const quoted = JSON.stringify;

/** Requests that fail, each with a canary in it. */
function failing({ as }: Aviary): Sent[] {
  const [admin, write, read] = [as('admin'), as('write'), as('read')];
  const values = [KEY, LOGIN, TITLE, EXTERNAL_ID, REASON, BAD_TOKEN];

  const byToken = [
    BAD_TOKEN,
    `${BAD_TOKEN} x`,
    `x${BAD_TOKEN}`,
    as('revoked').authorization.slice(7),
    `${as('write').authorization.slice(7)}x`,
  ]
    .flatMap((token) =>
      ['Bearer', 'bearer ', 'Basic', 'Token'].map((scheme) => ({ authorization: `${scheme} ${token}` })),
    )
    .flatMap((headers) => [
      patch('{"flat_id":1}', headers),
      gql('{ changesHead }', {}, headers),
      { path: '/api/openapi.json', headers },
      { path: '/metrics', headers },
      { path: '/nothing', headers },
    ]);

  const byRest = values.flatMap((value) => [
    patch(quoted({ flat_id: value }), write),
    patch(quoted({ intercom_id: 1, flat: [value] }), write),
    patch(quoted({ flat_id: 1, is_analog_line_available: value }), write),
    patch(quoted({ flat_id: 99, reason: value, [value]: value }), write),
    patch(quoted(value), write),
    patch(`{"flat_id": ${value}}`, write),
    patch(`{"flat_id": "${value}`, write),
    patch(new URLSearchParams({ flat_id: value }).toString(), {
      ...write,
      'content-type': 'application/x-www-form-urlencoded',
    }),
    patch(quoted({ flat_id: 1 }), { ...read, cookie: value, 'user-agent': value, referer: `http://x/${value}` }),
    patch(quoted({ flat_id: 1 }), { ...write, 'if-match': `"${value}"`, 'accept-language': value }),
    patch(quoted({ flat_id: 0 }), {
      ...write,
      'content-type': value,
      'x-forwarded-for': value,
      origin: `http://${MARK}`,
    }),
    patch(`"${value.padEnd(70_000)}"`, write),
  ]);

  const byPath = values.flatMap((value) => [
    { path: `/${encodeURIComponent(value)}`, headers: read },
    { path: `${REST_PATH}/${encodeURIComponent(value)}`, headers: write },
    { path: `${REST_PATH}?token=${encodeURIComponent(value)}`, headers: write },
    { path: `/graphql?access_token=${encodeURIComponent(value)}`, headers: read },
    { path: `/graphql?query=${encodeURIComponent(`{ intercom(by: ${quoted(value)}) { id } }`)}`, headers: read },
    { path: `/graphql?query={changesHead}&variables=${encodeURIComponent(value)}`, headers: read },
    {
      path: `/graphql?query=${encodeURIComponent(`mutation { attachKeys(input: { flatId: 1, keys: [${quoted(value)}] }) { __typename } }`)}`,
      headers: admin,
    },
    { path: '/api/openapi.json', method: 'POST', headers: read, body: value },
  ]);

  const documents = (value: string): readonly (readonly [document: string, variables?: unknown])[] => [
    [`{ ${quoted(value)} }`],
    [`{ intercom(by: { id: 1 } ${quoted(value)}) { id } }`],
    [`{ intercom(by: { externalId: "${value}) { id } }`],
    [`{ intercom(by: { externalId: """${value}""" id: 1 }) { id } }`],
    [`{ intercom(by: { id: ${quoted(value)} }) { id } }`],
    [`{ intercomFlats(first: ${quoted(value)}) { totalCount } }`],
    [`{ intercomFlats(sort: ${quoted(value)}) { totalCount } }`],
    [`{ intercomFlats(after: ${quoted(value)}) { totalCount } }`],
    [`{ intercomFlats(filter: { keyCode: [{ a: ${quoted(value)} }] }) { totalCount } }`],
    [`{ changes(after: ${quoted(value)}) { totalCount } }`],
    [`{ changes(filter: { from: ${quoted(value)} }) { totalCount } }`],
    [`{ changes @include(if: ${quoted(value)}) { totalCount } }`],
    [`query ($v: Int = ${quoted(value)}) { intercomFlats(first: $v) { totalCount } }`],
    ['query ($v: Int) { intercomFlats(first: $v) { totalCount } }', { v: value }],
    ['query ($v: [Int!]) { intercomFlats(first: 1) { totalCount } changes(last: $v) { totalCount } }', { v: [value] }],
    ['query ($v: IntercomFlatsFilter) { intercomFlats(filter: $v) { totalCount } }', { v: value }],
    ['query ($v: IntercomFlatsFilter) { intercomFlats(filter: $v) { totalCount } }', { v: { [value]: value } }],
    ['query ($v: ChangeFilter) { changes(filter: $v) { totalCount } }', { v: { channel: value } }],
    ['query ($v: DateTime) { changes(filter: { from: $v }) { totalCount } }', { v: value }],
    ['query ($v: IntercomBy!) { intercom(by: $v) { id } }', { v: { id: value, externalId: value } }],
    ['query ($v: ID!) { intercom(by: { id: $v }) { id } }', { v: value }],
    ['subscription ($v: ID) { intercomFlatChanged(intercomId: $v) { flat } }', { v: [value] }],
    [`subscription { intercomFlatChanged(after: ${quoted(value)}) { flat } }`],
    ['{ changesHead }', value],
  ];
  const byDocument = values.flatMap((value) =>
    documents(value).flatMap(([query, variables]) => [
      gql(query, variables, read),
      gql(query, variables, { ...read, accept: '*/json' }),
      gql(query, variables, { ...read, accept: 'text/event-stream' }),
    ]),
  );

  const MUTATIONS: readonly string[] = [
    'attachKeys(input: { flatId: 99, keys: [$v] })',
    'attachUsers(input: { intercomId: 9, flat: 1, users: [$v, "a;b"] })',
    'detachKeys(input: { flatId: 99, keys: [$v] })',
    'detachUsers(input: { flat: 1, users: [$v] })',
    'updateIntercom(input: { externalId: $v, flatTo: 0 })',
    'createIntercom(input: { title: $v, externalId: "crm-c4n4ry", flatFrom: 2, flatTo: 1 })',
    'createIntercom(input: { title: "x", externalId: "crm-c4n4ry", flatFrom: 1, flatTo: 2 })',
    'updateIntercom(input: { intercomId: 99, title: $v })',
    'deleteIntercom(input: { externalId: $v, intercomId: 1 })',
    'updateIntercomFlat(input: { flatId: 1, reason: $v, expectedVersion: 99 })',
    'updateIntercomFlat(input: { flatId: $v, isAnalogLineAvailable: false })',
    'updateIntercomFlatsWhere(input: { reason: $v, filter: { keyCode: $v, intercomTitle: "x" }, isAnalogLineAvailable: true })',
  ];
  const byMutation = values.flatMap((value) =>
    MUTATIONS.flatMap((it) => {
      const literal = it.replaceAll('$v', quoted(value));
      const query = (field: string, declared = '') =>
        `mutation ${declared} { ${field} { __typename ... on Error { message } } }`;
      const declared = `($v: ${it.includes('flatId: $v') ? 'ID' : 'String!'})`;
      return [
        gql(query(literal), {}, admin),
        gql(query(literal), {}, read),
        ...(it.includes('$v')
          ? [gql(query(it, declared), { v: value }, admin), gql(query(it, declared), { v: value }, read)]
          : []),
      ];
    }),
  );

  const byBody = values.flatMap((value) =>
    [
      `{"query": "{ changesHead }", "variables": ${value}}`,
      `{"query": "{ changesHead }", ${quoted(value)}: ${quoted(value)}}`,
      `[{"query": "{ changesHead }"}, ${quoted(value)}]`,
      quoted(value),
      value,
      `{"query": "query A { changesHead } query B { changesHead }", "operationName": ${quoted(value)}}`,
      `{"query": [${quoted(value)}]}`,
      `{"query": "{ changesHead }", "extensions": ${quoted(value)}}`,
    ].flatMap((body) => [
      { path: '/graphql', method: 'POST', headers: { ...JSON_BODY, ...read }, body },
      { path: '/graphql', method: 'POST', headers: { 'content-type': 'text/plain', ...read }, body },
    ]),
  );

  return [...byToken, ...byRest, ...byPath, ...byDocument, ...byMutation, ...byBody];
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
    const text = await rawHttp(url, bytes, 30);
    count++;
    if (canariesIn(text).length > 0) hits.push([canariesIn(text), bytes, text]);
  }

  const all = failing(world);
  const asking = Array.from({ length: 8 }, async () => {
    for (let sent = all.pop(); sent; sent = all.pop()) await ask(sent);
  });
  await Promise.all(asking);
  const { authorization } = as('write');
  for (const bytes of [
    `${BAD_TOKEN}\r\n\r\n`,
    `GET /${KEY} HTTP/9.9\r\nHost: ${LOGIN}\r\n\r\n`,
    `PATCH ${REST_PATH} HTTP/1.1\r\nHost: x\r\n${authorization}\r\n\r\n`,
    `PATCH ${REST_PATH} HTTP/1.1\r\nHost: x\r\nAuthorization: ${authorization}\r\nContent-Length: 99\r\n\r\n{"flat_id": "${KEY}`,
    `PATCH ${REST_PATH} HTTP/1.1\r\nHost: x\r\nAuthorization: ${authorization}\r\nTransfer-Encoding: chunked\r\n\r\n${KEY}\r\n`,
    `GET / HTTP/1.1\r\nHost: x\r\nX: ${KEY.repeat(2_000)}\r\n\r\n`,
  ]) {
    await throwIn(bytes);
  }

  // A database without its tables makes faults of the best requests.
  const client = new Sqlite(world.file);
  client.exec('drop table keys; drop table flat_users; drop table changes');
  client.close();
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
    `mutation { attachKeys(input: { flatId: 1, keys: [${quoted(`${KEY}2`)}] }) { __typename } }`,
    `mutation { updateIntercom(input: { externalId: ${quoted(EXTERNAL_ID)}, title: ${quoted(`${TITLE}!`)} }) { __typename } }`,
    `mutation { updateIntercomFlat(input: { flatId: 1, reason: ${quoted(REASON)}, isAnalogLineAvailable: false }) { __typename } }`,
    `mutation { updateIntercomFlatsWhere(input: { filter: { userLogin: ${quoted(LOGIN)} }, reason: ${quoted(REASON)}, isAnalogLineAvailable: true }) { __typename } }`,
    `query ${MARK} { changes { edges { node { reason intercomFlat { keys { code } } } } } }`,
  ];
  for (const document of documents) {
    const answer = await fetch(`${url}/graphql`, gql(document, {}, as('admin')));
    expect(saysNo(answer.status, await answer.text())).toBe(false);
  }
  const named = `query ${MARK} { ${MARK}(${MARK}: $${MARK}) @${MARK} { ...${MARK} } }`;
  const answer = await fetch(`${url}/graphql`, gql(named, {}, as('read')));
  expect(canariesIn(await answer.text())).toEqual([MARK]);
  const metrics = await (await fetch(`${url}/metrics`, { headers: as('read') })).text();
  server.child.kill('SIGTERM');
  const { stdout, stderr } = await server.exit;
  expect(stdout).toContain('updateIntercomFlatsWhere');
  expect(canariesIn(stdout + stderr + metrics)).toEqual([]);
});
