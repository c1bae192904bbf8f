import { type GraphQLObjectType, getOperationAST, parse } from 'graphql';
import { describe, expect, it } from 'vitest';
import { SCOPES, type Scope } from '../../src/domain/caller.ts';
import { requiredScope } from '../../src/graphql/engine/scopes.ts';
import { schema } from '../../src/graphql/schema/index.ts';
import { revokeToken } from '../../src/operations/tokens.ts';
import { REST_PATH } from '../../src/rest/address.ts';
import { subscribe } from '../support/sse.ts';
import { BUILDING, start, type World } from '../support/start.ts';

const UPDATE = '(input: { flatId: 1, isAnalogLineAvailable: false }) { __typename }';

/** What each operation of the schema needs. A new one has to be added here, and then it is tried with every scope. */
const NEEDS: Readonly<Record<string, readonly [needed: Scope, document: string]>> = {
  'Query.intercomFlat': ['read', '{ intercomFlat(by: { flatId: 1 }) { flatId } }'],
  'Query.intercom': ['read', '{ intercom(by: { intercomId: 1 }) { intercomId } }'],
  'Query.intercomFlats': ['read', '{ intercomFlats { totalCount } }'],
  'Query.intercoms': ['read', '{ intercoms { totalCount } }'],
  'Query.changes': ['read', '{ changes { totalCount } }'],
  'Query.changeActivity': [
    'read',
    '{ changeActivity(from: "2026-11-26T00:00:00Z", to: "2026-11-27T00:00:00Z", per: HOUR) { changes } }',
  ],
  'Query.changeSets': ['read', '{ changeSets(first: 1) { nodes { id } } }'],
  'Query.changesHead': ['read', '{ changesHead }'],
  'Query.node': ['read', '{ node(id: "SW50ZXJjb206MQ") { id } }'],
  'Query.nodes': ['read', '{ nodes(ids: ["SW50ZXJjb206MQ"]) { id } }'],
  'Query.service': ['read', '{ service { name version } }'],
  'Query.caller': ['read', '{ caller { actor scope } }'],
  'Query.keys': ['read', '{ keys(codePrefix: "A") { code } }'],
  'Query.users': ['read', '{ users(loginPrefix: "a") { login } }'],
  'Query.silentIntercoms': ['read', '{ silentIntercoms { silentFlats } }'],
  'Query.lineStatistics': ['read', '{ lineStatistics { flats } }'],
  'Mutation.updateIntercomFlat': ['write', `mutation { updateIntercomFlat${UPDATE} }`],
  'Mutation.updateIntercomFlats': [
    'write',
    'mutation { updateIntercomFlats(updates: [{ flatId: 1, isAnalogLineAvailable: false }]) { __typename } }',
  ],
  'Mutation.updateIntercomFlatsWhere': [
    'write',
    'mutation { updateIntercomFlatsWhere(input: { all: true, isAnalogLineAvailable: true }) { __typename } }',
  ],
  'Mutation.undoChanges': ['write', 'mutation { undoChanges(input: { changeSet: "x" }) { __typename } }'],
  'Mutation.createIntercom': [
    'admin',
    'mutation { createIntercom(input: { title: "X", flatFrom: 1, flatTo: 2 }) { __typename } }',
  ],
  'Mutation.updateIntercom': [
    'admin',
    'mutation { updateIntercom(input: { intercomId: 1, title: "X" }) { __typename } }',
  ],
  'Mutation.deleteIntercom': ['admin', 'mutation { deleteIntercom(input: { intercomId: 2 }) { __typename } }'],
  'Mutation.attachKeys': ['admin', 'mutation { attachKeys(input: { flatId: 1, keys: ["Z"] }) { __typename } }'],
  'Mutation.detachKeys': ['admin', 'mutation { detachKeys(input: { flatId: 1, keys: ["A1"] }) { __typename } }'],
  'Mutation.attachUsers': ['admin', 'mutation { attachUsers(input: { flatId: 1, users: ["z"] }) { __typename } }'],
  'Mutation.detachUsers': ['admin', 'mutation { detachUsers(input: { flatId: 1, users: ["anna"] }) { __typename } }'],
  'Subscription.changed': ['read', 'subscription { changed { cursor } }'],
  'Subscription.intercomFlatChanged': ['read', 'subscription { intercomFlatChanged { flatId } }'],
};

const MORE: readonly (readonly [Scope, string])[] = [
  ['read', '{ __schema { queryType { name } } }'],
  ['read', '{ __type(name: "Query") { name } }'],
  ['read', '{ __typename }'],
  ['read', 'mutation { __typename }'],
  ['write', `mutation { query: updateIntercomFlat${UPDATE} }`],
  ['write', `mutation { ...on Mutation { ...M } } fragment M on Mutation { updateIntercomFlat${UPDATE} }`],
  ['write', `mutation { __typename updateIntercomFlat${UPDATE} }`],
  [
    'write',
    'mutation ($no: Boolean = false) { updateIntercomFlat(input: { flatId: 1 }) @include(if: $no) { __typename } }',
  ],
];

/** Callers by what they show. */
async function headersOf(world: World): Promise<Record<string, Record<string, string>>> {
  const revoked = await world.bearer('admin', 'gone');
  await revokeToken(world.store, 'gone');
  return {
    none: {},
    empty: { authorization: '' },
    basic: { authorization: `Basic ${btoa('read:read')}` },
    bad: { authorization: `Bearer ifl_${'A'.repeat(43)}` },
    revoked,
    read: await world.bearer('read'),
    write: await world.bearer('write'),
    admin: await world.bearer('admin'),
  };
}

const REALM = 'Bearer realm="intercom-flats"';
const TEXTS = {
  missing: 'A token is required: send it as "Authorization: Bearer TOKEN".',
  scheme: 'The scheme of the Authorization header must be Bearer: send "Authorization: Bearer TOKEN".',
  invalid: 'The token is not valid.',
  narrow: (needed: Scope) => `A token of this scope is required: ${needed}.`,
};
const KINDS = ['none', 'empty', 'basic', 'bad', 'revoked', 'read', 'write', 'admin'];

/** The refusal that a caller gets, if any: status, challenge of the door's answer, text and code. */
function refusal(kind: string, needed: Scope): { status: number; message: string; code: string } | undefined {
  if (kind === 'none') return { status: 401, message: TEXTS.missing, code: 'UNAUTHENTICATED' };
  if (kind === 'basic') return { status: 401, message: TEXTS.scheme, code: 'UNAUTHENTICATED' };
  const scope = SCOPES.indexOf(kind as Scope);
  if (scope < 0) return { status: 401, message: TEXTS.invalid, code: 'UNAUTHENTICATED' };
  if (scope >= SCOPES.indexOf(needed)) return undefined;
  return { status: 403, message: TEXTS.narrow(needed), code: 'FORBIDDEN' };
}

const challenge = (kind: string) => (kind === 'none' || kind === 'basic' ? REALM : `${REALM}, error="invalid_token"`);

const ask = async (world: World, document: string, headers: Record<string, string>, accept = 'application/json') => {
  const response = await fetch(`${world.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept, ...headers },
    body: JSON.stringify({ query: document }),
  });
  return { status: response.status, challenge: response.headers.get('www-authenticate'), body: await response.json() };
};

it('every operation of the schema stands in the table of scopes', () => {
  const roots = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()] as GraphQLObjectType[];
  const fields = roots.flatMap((type) => Object.keys(type.getFields()).map((field) => `${type.name}.${field}`));
  expect(Object.keys(NEEDS).sort()).toEqual(fields.sort());
});

describe('by GraphQL', () => {
  const queries = [...Object.values(NEEDS), ...MORE].filter(([, document]) => !document.startsWith('subscription'));

  it.each(queries)('the scope %s is what it takes to ask for %s', async (needed, document) => {
    await using world = await start({ flats: BUILDING });
    const headers = await headersOf(world);
    for (const kind of KINDS) {
      // Yoga answers the one, the fast path the other.
      for (const accept of ['application/json', '*/json']) {
        const answer = await ask(world, document, headers[kind] ?? {}, accept);
        const refused = refusal(kind, needed);
        if (refused) {
          expect([kind, answer.status, answer.body]).toEqual([
            kind,
            refused.status,
            { errors: [{ message: refused.message, extensions: { code: refused.code } }] },
          ]);
          expect(answer.challenge).toBe(refused.status === 401 ? challenge(kind) : null);
        } else {
          expect([kind, answer.status, answer.body]).toEqual([kind, 200, { data: expect.anything() }]);
        }
      }
      const { version } = (await world.store.findFlat({ by: 'id', flatId: 1 })) as { version: number };
      expect([kind, version]).toEqual([kind, /false }\]?\)/.test(document) && !refusal(kind, needed) ? 2 : 1]);
    }
    expect(world.faults).toEqual([]);
  });

  it('the scope read is what it takes to follow', async () => {
    await using world = await start({ flats: BUILDING });
    const headers = await headersOf(world);
    for (const kind of KINDS) {
      const stream = await subscribe(
        world.url,
        NEEDS['Subscription.intercomFlatChanged']?.[1] ?? '',
        {},
        headers[kind],
      );
      expect([kind, stream.status]).toEqual([kind, refusal(kind, 'read')?.status ?? 200]);
      stream.close();
    }
  });

  it.each([
    ['a query and a mutation', '{ changesHead }'],
    ['an update', 'mutation Other { __typename }'],
  ])('only what is asked for counts, whatever else a document with %s holds', async (_, other) => {
    await using world = await start({ flats: BUILDING });
    const read = await world.bearer('read');
    const query = `${other.replace('{ ch', 'query Other { ch')} mutation Update { updateIntercomFlat${UPDATE} }`;
    const run = async (operationName: string) =>
      (
        await fetch(`${world.url}/graphql`, {
          method: 'POST',
          headers: { 'content-type': 'application/json', ...read },
          body: JSON.stringify({ query, operationName }),
        })
      ).status;
    expect([await run('Other'), await run('Update')]).toEqual([200, 403]);
    expect(await world.store.findFlat({ by: 'id', flatId: 1 })).toMatchObject({ version: 1 });
  });

  it('a document that is known from others is refused like a new one', async () => {
    await using world = await start({ flats: BUILDING });
    const [read, write] = [await world.bearer('read'), await world.bearer('write')];
    const document = `mutation { updateIntercomFlat${UPDATE} }`;
    for (let i = 0; i < 10; i++) expect(await world.gql(document, {}, write)).toMatchObject({ status: 200 });
    expect(await world.gql(document, {}, read)).toEqual({
      status: 403,
      errors: [{ message: TEXTS.narrow('write'), extensions: { code: 'FORBIDDEN' } }],
    });
  });

  it('an operation that provisions and updates is refused as a whole', async () => {
    await using world = await start({ flats: BUILDING });
    const write = await world.bearer('write');
    const document = `mutation { updateIntercomFlat${UPDATE} deleteIntercom(input: { intercomId: 2 }) { __typename } }`;
    expect(await world.gql(document, {}, write)).toEqual({
      status: 403,
      errors: [{ message: TEXTS.narrow('admin'), extensions: { code: 'FORBIDDEN' } }],
    });
    expect(await world.store.findFlat({ by: 'id', flatId: 1 })).toMatchObject({ version: 1 });
  });

  it('nothing of an operation is done when a part of it is not allowed', async () => {
    const document = parse(`mutation { a: updateIntercomFlat${UPDATE} b: deleteEverything }`);
    const operation = getOperationAST(document);
    expect(operation && requiredScope(operation, document)).toBe('admin');
    expect(
      requiredScope(parse('mutation { ...F } fragment F on Mutation { ...F }').definitions[0] as never, document),
    ).toBe('read');
  });

  it('a mutation in a stream is refused as well', async () => {
    await using world = await start({ flats: BUILDING });
    const read = await world.bearer('read');
    const stream = await subscribe(world.url, `mutation { updateIntercomFlat${UPDATE} }`, {}, read);
    expect((await stream.events.next()).value).toMatchObject({ errors: [{ extensions: { code: 'FORBIDDEN' } }] });
    expect(await world.store.findFlat({ by: 'id', flatId: 1 })).toMatchObject({ version: 1 });
    stream.close();
  });

  it('GET reads with a token, and cannot write with any', async () => {
    await using world = await start({ flats: BUILDING });
    const admin = await world.bearer('admin');
    const get = async (query: string, headers: Record<string, string>) =>
      (await fetch(`${world.url}/graphql?query=${encodeURIComponent(query)}`, { headers })).status;
    const mutation = `mutation { updateIntercomFlat${UPDATE} }`;
    expect([await get('{ changesHead }', {}), await get('{ changesHead }', admin), await get(mutation, admin)]).toEqual(
      [401, 200, 405],
    );
  });
});

describe('by REST', () => {
  it('the scope write is what it takes to update, and the token is the actor', async () => {
    await using world = await start({ flats: BUILDING });
    const headers = await headersOf(world);
    for (const kind of KINDS) {
      const answer = await world.patch({ flat_id: 1, is_analog_line_available: kind === 'admin' }, headers[kind]);
      const refused = refusal(kind, 'write');
      const told = { status: answer.status, challenge: answer.headers.get('www-authenticate') };
      if (!refused) {
        expect([kind, told]).toEqual([kind, { status: 200, challenge: null }]);
        continue;
      }
      expect([kind, told, answer.body]).toEqual([
        kind,
        {
          status: refused.status,
          challenge: refused.status === 401 ? challenge(kind) : `${REALM}, error="insufficient_scope", scope="write"`,
        },
        { message: refused.message },
      ]);
    }
    const { data } = await world.gql('{ changes { edges { node { actor } } } }', {}, headers['read']);
    expect(data.changes.edges.map((it: { node: object }) => it.node)).toEqual([{ actor: 'write' }, { actor: 'admin' }]);
  });

  it('says no in the language of the caller', async () => {
    await using world = await start();
    const read = await world.bearer('read');
    const answer = await world.patch({}, { ...read, 'accept-language': 'ru' });
    expect(answer.body).toEqual({ message: 'Нужен токен с правами write.' });
  });
});

describe('by reading a page', () => {
  const statuses = async (world: World, path: string, more: Record<string, string> = {}, method = 'GET') => {
    const headers = await headersOf(world);
    const answers = KINDS.map(async (kind) => {
      const answer = await fetch(world.url + path, { method, headers: { ...more, ...headers[kind] } });
      await answer.arrayBuffer();
      return [kind, answer.status];
    });
    return Object.fromEntries(await Promise.all(answers));
  };
  const strangers = { none: 401, empty: 401, basic: 401, bad: 401, revoked: 401 };
  const html = { accept: 'text/html' };

  it('the scope read is what it takes to read a flat by REST', async () => {
    const path = `${REST_PATH}?flat_id=1`;
    const readers = { ...strangers, read: 200, write: 200, admin: 200 };
    for (const [method, override, expected] of [
      ['GET', '', readers],
      ['HEAD', '', readers],
      // A header does not make a write of it, nor a read of a write.
      ['GET', 'PATCH', readers],
      ['POST', 'GET', { ...strangers, read: 403, write: 405, admin: 405 }],
    ] as const) {
      await using world = await start({ flats: BUILDING });
      const answered = await statuses(world, path, { 'x-http-method-override': override }, method);
      expect([method, override, answered]).toEqual([method, override, expected]);
    }
  });

  it('the scope read is what it takes to read the description of the REST route', async () => {
    await using world = await start();
    expect(await statuses(world, '/api/openapi.json')).toEqual({ ...strangers, read: 200, write: 200, admin: 200 });
  });

  it('GraphiQL opens without a token where it is on, and is no page at all where it is off', async () => {
    await using on = await start();
    await using off = await start({ graphiql: false });
    expect([await statuses(on, '/graphql', html), await statuses(off, '/graphql', html)]).toEqual([
      { ...strangers, none: 200, read: 200, write: 200, admin: 200 },
      { ...strangers, read: 406, write: 406, admin: 406 },
    ]);
  });

  it('an address where nothing is says so to whoever shows no bad token', async () => {
    await using world = await start();
    expect(await statuses(world, '/nothing')).toEqual({ ...strangers, none: 404, read: 404, write: 404, admin: 404 });
  });
});

it('a token that is none is refused everywhere, whatever else would let its sender in', async () => {
  await using world = await start({ trustedNetworks: ['127.0.0.1'] });
  const bad = { authorization: `Bearer ifl_${'A'.repeat(43)}` };
  expect([(await world.patch({}, bad)).status, (await world.gql('{ changesHead }', {}, bad)).status]).toEqual([
    401, 401,
  ]);
  await world.bearer('read');
  expect([(await world.patch({}, bad)).status, (await world.patch({})).status]).toEqual([401, 422]);
});

it('a token is shown in any case of "Bearer", and nowhere but in the header', async () => {
  await using world = await start();
  const { authorization } = await world.bearer('read');
  const text = authorization.slice('Bearer '.length);
  const status = async (headers: Record<string, string>, search = '') =>
    (await fetch(`${world.url}/graphql?query={changesHead}${search}`, { headers })).status;
  expect([
    await status({ authorization: `bearer  ${text}` }),
    await status({ authorization: `BEARER ${text}` }),
    await status({ authorization: text }),
    await status({ authorization: `Bearer ${text} ${text}` }),
    await status({ authorization: `Bearer ${text.toLowerCase()}` }),
    await status({}, `&access_token=${text}`),
  ]).toEqual([200, 200, 401, 401, 401, 401]);
});
