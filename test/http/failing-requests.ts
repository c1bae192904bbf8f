import { REST_PATH } from '../../src/rest/address.ts';

/** Stands in every value that nobody shall find again. */
export const MARK = 'c4n4ry';
export const KEY = `${MARK}-key`;
export const LOGIN = `${MARK}-login`;
export const TITLE = `Garden street ${MARK}`;
export const EXTERNAL_ID = `crm-${MARK}`;
export const REASON = `because ${MARK}`;
export const BAD_TOKEN = `ifl_${MARK}-${'A'.repeat(36)}`;

export interface Sent {
  readonly path: string;
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string;
}

const JSON_BODY = { 'content-type': 'application/json' };
export const patch = (body: string, headers: Record<string, string> = {}): Sent => ({
  path: REST_PATH,
  method: 'PATCH',
  headers,
  body,
});
export const gql = (query: string, variables: unknown = {}, more: Record<string, string> = {}): Sent => ({
  ...{ path: '/graphql', method: 'POST', headers: { ...JSON_BODY, ...more } },
  body: JSON.stringify({ query, variables }),
});
export const quoted = JSON.stringify;

/** Requests that fail, each with a canary in it. */
export function failing(as: (token: string) => { readonly authorization: string }): Sent[] {
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
    patch(quoted({ flat_id: 99, reason: value, title: value }), write),
    { path: `${REST_PATH}?flat_id=${encodeURIComponent(value)}&reason=${encodeURIComponent(value)}`, headers: read },
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
    {
      path: `/graphql?query=${encodeURIComponent(`{ intercom(by: ${quoted(value)}) { intercomId } }`)}`,
      headers: read,
    },
    { path: `/graphql?query={changesHead}&variables=${encodeURIComponent(value)}`, headers: read },
    {
      path: `/graphql?query=${encodeURIComponent(`mutation { attachKeys(input: { flatId: 1, keys: [${quoted(value)}] }) { __typename } }`)}`,
      headers: admin,
    },
    { path: '/api/openapi.json', method: 'POST', headers: read, body: value },
  ]);

  const documents = (value: string): readonly (readonly [document: string, variables?: unknown])[] => [
    [`{ ${quoted(value)} }`],
    [`{ intercom(by: { intercomId: 1 } ${quoted(value)}) { intercomId } }`],
    [`{ intercom(by: { externalId: "${value}) { intercomId } }`],
    [`{ intercom(by: { externalId: """${value}""" intercomId: 1 }) { intercomId } }`],
    [`{ intercom(by: { intercomId: ${quoted(value)} }) { intercomId } }`],
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
    ['query ($v: IntercomBy!) { intercom(by: $v) { intercomId } }', { v: { intercomId: value, externalId: value } }],
    ['query ($v: ID!) { intercom(by: { intercomId: $v }) { intercomId } }', { v: value }],
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
        `mutation ${declared} { ${field} { __typename ... on UserError { message } } }`;
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
