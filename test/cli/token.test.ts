import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createClient } from 'graphql-sse';
import { describe, expect, it } from 'vitest';
import { run } from '../../src/cli/commands/token.ts';
import { openStore } from '../../src/store/open.ts';
import { TESTER } from '../support/origin.ts';
import { rows } from '../support/rows.ts';
import { type Desk, desk } from '../support/run-cli.ts';
import { spawnNode, spawnServer } from '../support/spawn.ts';
import { subscribe, take } from '../support/sse.ts';
import { BUILDING } from '../support/start.ts';

const TOKEN = /^ifl_[A-Za-z0-9_-]{43}\n$/;
const keep = ({ database }: Desk, isNew: boolean) =>
  `Stored in ${database}${isNew ? ', which is new' : ''}. Keep it: it is not shown again.\n`;

const listed = async (d: Desk) => JSON.parse((await d.run(run, ['list', '--json'])).out);
const TIME = expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);

describe('npm run token', () => {
  it('creates a token, prints it alone, and stores nothing of it but its hash', async () => {
    await using d = await desk();
    const created = await d.run(run, ['create', 'billing', '--scope', 'write']);
    expect(created).toEqual({ code: 0, out: expect.stringMatching(TOKEN), err: keep(d, true) });
    expect((await d.run(run, ['create', 'second', '--scope', 'read'])).err).toBe(keep(d, false));
    const token = created.out.trim();
    const hash = createHash('sha256').update(token).digest('hex').toUpperCase();
    expect(
      rows(
        d.database,
        'select name, scope, hex(hash) hash, last_used_at used, revoked_at revoked from tokens where id = 1',
      ),
    ).toEqual([{ name: 'billing', scope: 'write', hash, used: null, revoked: null }]);
    for (const file of await d.files()) expect(readFileSync(d.path(file)).includes(token.slice(4))).toBe(false);
  });

  it('tells a program what it created, as JSON', async () => {
    await using d = await desk();
    const { out, err } = await d.run(run, ['create', 'billing', '--scope', 'read', '--json']);
    expect([JSON.parse(out), err]).toEqual([
      { name: 'billing', scope: 'read', token: expect.stringMatching(/^ifl_/), expiresAt: null, database: d.database },
      keep(d, true),
    ]);
  });

  it('lists all tokens, oldest first, and never the tokens themselves', async () => {
    await using d = await desk();
    expect(await d.run(run, ['list'])).toEqual({
      code: 0,
      out: 'NAME  SCOPE  CREATED  EXPIRES  LAST USE  REVOKED\n',
      err: '',
    });
    const { out: token } = await d.run(run, ['create', 'the old CRM', '--scope', 'read']);
    await d.run(run, ['create', 'ops', '--scope', 'admin']);
    await d.run(run, ['revoke', 'the old CRM']);
    const { out } = await d.run(run, ['list']);
    expect(out.replace(/\d{4}-\S+Z/g, 'TIME'.padEnd(24)).replace(/ +$/gm, '')).toBe(
      `NAME         SCOPE  CREATED                   EXPIRES  LAST USE  REVOKED
the old CRM  read   TIME                      -        -         TIME
ops          admin  TIME                      -        -         -
`,
    );
    expect(await listed(d)).toEqual([
      { name: 'the old CRM', scope: 'read', createdAt: TIME, expiresAt: null, lastUsedAt: null, revokedAt: TIME },
      { name: 'ops', scope: 'admin', createdAt: TIME, expiresAt: null, lastUsedAt: null, revokedAt: null },
    ]);
    expect(out + JSON.stringify(await listed(d))).not.toContain(token.trim().slice(4));
  });

  it('creates one that expires, and says when', async () => {
    await using d = await desk();
    const before = Date.now();
    const { code, out, err } = await d.run(run, ['create', 'anna', '--scope', 'read', '--expires', '30d', '--json']);
    const { expiresAt } = JSON.parse(out);
    expect([code, err]).toEqual([0, `${keep(d, true)}It expires at ${expiresAt}.\n`]);
    const month = 30 * 24 * 3_600_000;
    expect(Date.parse(expiresAt) - before).toBeGreaterThanOrEqual(month);
    expect(Date.parse(expiresAt) - Date.now()).toBeLessThanOrEqual(month);
    expect(await listed(d)).toMatchObject([{ name: 'anna', expiresAt, revokedAt: null }]);
  });

  it('revokes a token for good, frees its name, and says when it was the last one', async () => {
    await using d = await desk();
    await d.run(run, ['create', 'a', '--scope', 'read']);
    await d.run(run, ['create', 'b', '--scope', 'read']);
    expect(await d.run(run, ['revoke', 'a'])).toEqual({ code: 0, out: '', err: 'Revoked.\n' });
    expect(await d.run(run, ['revoke', 'a'])).toEqual({
      code: 1,
      out: '',
      err: 'There is no live token of this name; list shows all.\n',
    });
    expect(await d.run(run, ['create', 'a', '--scope', 'write'])).toMatchObject({ code: 0 });
    await d.run(run, ['revoke', 'a']);
    expect((await d.run(run, ['revoke', 'b'])).err).toBe(
      'Revoked.\nThat was the last one. A server on loopback now serves this machine without any; elsewhere it does not start.\n',
    );
    expect((await listed(d)).map((it: { name: string }) => it.name)).toEqual(['a', 'b', 'a']);
  });

  it.each([
    [['create', 'a', '--scope', 'read'], 1, 'There is a token of this name; revoke it first, or choose another name.'],
    [['create', '', '--scope', 'read'], 2, 'The name must not be empty.'],
    [['create', 'x'.repeat(101), '--scope', 'read'], 2, 'The name is too long: at most 100 characters.'],
    [['create', 'legacy', '--scope', 'read'], 2, 'The name is reserved: it stands for callers without a token.'],
    [
      ['create', 'x', '--scope', 'read', '--expires', '30'],
      2,
      '--expires takes days or hours: 30d or 12h, up to 9999.',
    ],
    [['revoke', 'x', '--expires', '1d'], 2, '--expires belongs to create.'],
    [['create', 'x', '--scope', 'all'], 2, 'Give it a scope: --scope read|write|admin.'],
    [['create', 'x'], 2, 'Give it a scope: --scope read|write|admin.'],
    [['create', '--scope', 'read'], 2, 'Name the new token.'],
    [['create', 'the', 'crm', '--scope', 'read'], 2, 'Name one token; put a name with blanks in quotes.'],
    [['revoke'], 2, 'Name the token to revoke.'],
    [['list', 'x'], 2, 'list takes no name.'],
    [[], 2, 'Say what to do: create, list or revoke.'],
    [['create', 'x', '--scopes', 'read'], 2, "Unknown option '--scopes'"],
  ])('with %j ends with %d and says what is wrong', async (args, code, message) => {
    await using d = await desk();
    await d.run(run, ['create', 'a', '--scope', 'read']);
    const before = await listed(d);
    const ended = await d.run(run, args);
    expect([ended.code, ended.out, ended.err.startsWith(message)]).toEqual([code, '', true]);
    expect(await listed(d)).toEqual(before);
  });
});

describe('beside a server that runs', () => {
  /** A server of its own process, and a function that makes tokens in yet another one. */
  async function serverAndTokens() {
    const d = await desk();
    {
      await using store = openStore({ file: d.database });
      await store.importRows(TESTER, BUILDING);
    }
    const server = await spawnServer(d.database);
    const status = async (token?: string) => {
      const response = await fetch(`${server.url}/graphql?query={changesHead}`, {
        headers: token ? { authorization: `Bearer ${token}` } : {},
      });
      await response.arrayBuffer();
      return response.status;
    };
    return {
      d,
      server,
      status,
      token: async (...args: string[]) => {
        const env = { DATABASE_URL: `file:${d.database}` };
        return (await spawnNode('src/cli.ts', ['token', ...args], env).exit).stdout.trim();
      },
      async [Symbol.asyncDispose]() {
        await server[Symbol.asyncDispose]();
        await d[Symbol.asyncDispose]();
      },
    };
  }

  it('a token works at once, ends at once, and cuts what was open without it or by it', async () => {
    await using it = await serverAndTokens();
    const follow = 'subscription { intercomFlatChanged { flatId } }';
    await it.server.printed(/there is no token: only this machine is served, as actor local/);
    const local = await subscribe(it.server.url, follow);
    expect(await it.status()).toBe(200);

    const cutLocal = expect(local.events.next()).rejects.toThrow('terminated');
    const crm = await it.token('create', 'crm', '--scope', 'write');
    expect([await it.status(), await it.status(crm)]).toEqual([401, 200]);
    await cutLocal;

    const authorization = `Bearer ${crm}`;
    const stream = await subscribe(it.server.url, follow, {}, { authorization });
    // An Accept that only allows for a stream gets one just the same.
    const quiet = await subscribe(it.server.url, follow, {}, { authorization, accept: '*/*' });
    const client = createClient({ url: `${it.server.url}/graphql`, headers: { authorization }, retryAttempts: 1 });
    const shelf = client.iterate({ query: follow });
    const told = expect(
      (async () => {
        for await (const _ of shelf);
      })(),
    ).rejects.toMatchObject({ message: expect.stringContaining('Unauthorized') });
    const patched = await fetch(`${it.server.url}/api/v1/billing/intercom-flats`, {
      method: 'PATCH',
      headers: { authorization },
      body: '{"flat_id":1,"is_analog_line_available":false}',
    });
    expect(patched.status).toBe(200);
    expect(await take(stream, 1)).toEqual([{ data: { intercomFlatChanged: { flatId: '1' } } }]);
    expect(await take(quiet, 1)).toEqual([{ data: { intercomFlatChanged: { flatId: '1' } } }]);
    expect(rows(it.d.database, 'select actor from changes')).toEqual([{ actor: 'crm' }]);
    expect(await listed(it.d)).toMatchObject([{ name: 'crm', lastUsedAt: TIME }]);

    const ops = (await it.d.run(run, ['create', 'ops', '--scope', 'read'])).out.trim();
    const other = await subscribe(it.server.url, follow, {}, { authorization: `Bearer ${ops}` });
    const cut = [stream, quiet].map((it) => expect(it.events.next()).rejects.toThrow('terminated'));
    await it.token('revoke', 'crm');
    expect([await it.status(crm), await it.status(ops)]).toEqual([401, 200]);
    await Promise.all([...cut, told]);
    client.dispose();

    // Who may still follow goes on.
    await using store = openStore({ file: it.d.database });
    await store.amend({ actor: 'x', channel: 'CLI' }, [
      { ref: { by: 'id', flatId: 2 }, patch: { analog: false }, acceptedVersions: undefined, reason: null },
    ]);
    expect(await take(other, 1)).toEqual([{ data: { intercomFlatChanged: { flatId: '2' } } }]);
    other.close();
    expect(it.server.stdout()).not.toContain(crm);
  });
});
