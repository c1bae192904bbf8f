import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, copyFileSync } from 'node:fs';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { ConfigError, configFromEnv } from '../../src/service/config.ts';
import { databaseText, openAnyStore } from '../../src/store/open.ts';
import { UnusableDatabaseError } from '../../src/store/store.ts';
import { freePort } from '../support/free-port.ts';
import { newDatabase, POSTGRES_BIN, query, RUN_AS, sharedServer, startCluster } from '../support/postgres.ts';
import { spawnNode } from '../support/spawn.ts';
import { tcpProxy } from '../support/tcp-proxy.ts';
import { tempFolder } from '../support/temp-folder.ts';

/** A user who must show a password. */
const CAREFUL = "do $$ begin create role careful login password 'rIght7'; exception when others then null; end $$";

/** For a server that is not looked for any longer. */
const BRIEFLY = { DATABASE_PATIENCE: '1' };

/** The message with which a start ends. */
async function messageOf(url: string, env: Record<string, string> = {}): Promise<string> {
  try {
    const { database } = configFromEnv({ DATABASE_URL: url, DATABASE_PATIENCE: '60', ...env });
    await using _ = await openAnyStore(database);
    return 'opened';
  } catch (error) {
    if (!(error instanceof ConfigError || error instanceof UnusableDatabaseError)) throw error;
    return error.message;
  }
}

describe('the URL of a PostgreSQL database', () => {
  const parsed = (url: string, env: Record<string, string> = {}) => {
    const { database } = configFromEnv({ DATABASE_URL: url, ...env });
    return 'address' in database ? database.address : undefined;
  };

  it('has one host or several, with ports, and takes the rest from the environment', () => {
    expect(parsed('postgres://u:p%40ss@h1:5433,h2,[::1]:7/flats?sslmode=disable')).toMatchObject({
      hosts: [
        { host: 'h1', port: 5433 },
        { host: 'h2', port: 5432 },
        { host: '::1', port: 7 },
      ],
      ...{ user: 'u', password: 'p@ss', database: 'flats', tls: { mode: 'disable' } },
    });
    const env = { PGUSER: 'me', PGPASSWORD: 'secret', PGPORT: '6000', PGSSLMODE: 'require', PGSSLROOTCERT: '/ca.pem' };
    expect(parsed('postgresql:///flats?host=/run/pg', env)).toMatchObject({
      ...{ hosts: [{ host: '/run/pg', port: 6000 }], user: 'me', password: 'secret', database: 'flats' },
      tls: { mode: 'require', rootCert: '/ca.pem' },
    });
  });

  it.each([
    ['postgres://', 'postgres://user@host:port/database, with more hosts after commas'],
    ['postgres://h/d', 'the URL names no user, like postgres://USER@host/database'],
    ['postgres://u@h:99999/d', 'the 1. host of the URL is not a host, or host:port'],
    ['postgres://u@h1,:5/d', 'the 2. host of the URL is not a host, or host:port'],
    ['postgres://u:SECRET@h/d?sslmode=maybe', 'sslmode can be disable, prefer, require, verify-ca, verify-full'],
    ['postgres://u:SECRET@h/d?target_session_attrs=any', 'target_session_attrs can only be read-write or primary'],
    ['postgres://u:SECRET%@h/d', 'the URL has a % that begins no character; write % itself as %25'],
    ['postgres://u:1/SECRET@h', 'the URL has an @ after the first /; write / and @ as %2F and %40'],
    ['postgres://u:p#SECRET@h/d', 'postgres://user@host:port/database, with more hosts after commas'],
  ])('is refused: %s', async (url, problem) => {
    expect(await messageOf(url)).toBe(`Bad environment; accepted are:\n  DATABASE_URL: ${problem}`);
  });

  it.each(['postgres://u:p?SECRET=1@h/d', 'postgres://u@h/d?password=p&SECRET', 'postgres://u:p?a&SECRET@h/d'])(
    'is refused without the name of an unknown parameter that may be the end of a password: %s',
    async (url) => {
      expect(await messageOf(url)).toMatch(/: the URL has the unknown parameter \(not shown\); known are host, /);
    },
  );

  it('is refused with an unknown parameter, and with variables that are for files', async () => {
    expect(await messageOf('postgres://u:SECRET@h/d?sslcompression=1', { MIN_FREE_MB: '5' })).toMatch(
      /MIN_FREE_MB: only with a file as DATABASE_URL\n {2}DATABASE_URL: the URL has the unknown parameter sslcompression; known are host, /,
    );
  });
});

describe.skipIf(POSTGRES_BIN === undefined)('a start on PostgreSQL', { concurrent: true }, () => {
  it('is refused with one message that says what to do, and holds no password', async () => {
    const url = await newDatabase();
    const { host, pathname } = new URL(url);
    const of = (user: string, path = pathname) => `postgres://${user}@${host}${path}`;
    const name = databaseText(configFromEnv({ DATABASE_URL: url }).database);
    await query(url, CAREFUL);
    const server = `Cannot use the database ${name}: no server takes writes (${host}: `;
    expect(await messageOf(of('careful:SECRET'))).toBe(`${server}the password is wrong).`);
    expect(await messageOf(of('careful'), { HOME: '/nowhere' })).toBe(
      `${server}it asks for a password, and none was given).`,
    );
    expect(await messageOf(of('careful:rIght7'))).toBe(
      `Cannot use the database ${name}: the user lacks a right that the service needs; it must own the tables, or be allowed to create them.`,
    );
    expect(await messageOf(of('nobody_knows'))).toBe(
      `${server}it refuses the user; check the user, and pg_hba.conf of the server).`,
    );
    expect(await messageOf(of('admin', '/no_such'))).toContain('there is no such database');
    const port = await freePort();
    expect(await messageOf(`postgres://u:SECRET@127.0.0.1:${port}/d`, BRIEFLY)).toBe(
      `Cannot use the database postgres://127.0.0.1:${port}/d: no server takes writes (127.0.0.1:${port}: nothing listens there).`,
    );
    await query(url, 'create table theirs (id int)');
    expect(await messageOf(url)).toBe(
      `Cannot use the database ${name}: it holds tables of another program; choose another database.`,
    );
  });

  it('is refused by a server before version 14', async () => {
    const url = new URL(await newDatabase());
    const { rows } = await query(url.href, "select current_setting('server_version_num') as version");
    const asOld = (bytes: Buffer) => Buffer.from(bytes.toString('latin1').replace(rows[0].version, '130022'), 'latin1');
    await using proxy = await tcpProxy(Number(url.port), asOld);
    url.port = String(proxy.port);
    expect(await messageOf(url.href)).toBe(`${url.host} is PostgreSQL 13; at least version 14 is needed.`);
  });

  it('takes a password from each place that libpq takes it from', async () => {
    const url = await newDatabase();
    const { host, hostname, port, pathname } = new URL(url);
    await query(url, CAREFUL);
    await query(url, 'grant create on schema public to careful');
    await using folder = await tempFolder();

    await writeFile(folder.file('pass'), `# a comment\nother:*:*:*:no\n${hostname}:${port}:*:careful:rIght7\n`, {
      mode: 0o600,
    });
    await writeFile(folder.file('secret'), 'rIght7\n');
    const careful = `postgres://careful@${host}${pathname}`;
    expect(await messageOf(careful, { PGPASSWORD: 'rIght7' })).toBe('opened');
    expect(await messageOf(careful, { PGPASSFILE: folder.file('pass') })).toBe('opened');
    expect(await messageOf(careful, { DATABASE_PASSWORD_FILE: folder.file('secret') })).toBe('opened');
    expect(await messageOf(`postgres://careful:rIght7@${host}${pathname}`)).toBe('opened');
    expect(await messageOf(`${careful}?passfile=${folder.file('pass')}`)).toBe('opened');
    expect(await messageOf(`${careful}?password=rIght7`, { PGPASSWORD: 'other' })).toBe('opened');
    await mkdir(folder.file('home'));
    await writeFile(folder.file('home/.pgpass'), '*:*:*:careful:rIght7\n', { mode: 0o600 });
    expect(await messageOf(careful, { HOME: folder.file('home') })).toBe('opened');
    // Like libpq, it does not read a file that others can read.
    await chmod(folder.file('pass'), 0o644);
    expect(await messageOf(careful, { PGPASSFILE: folder.file('pass') })).toContain('it asks for a password');
  });

  it('migrates once, however many instances start together, and refuses a newer database', async () => {
    const url = await newDatabase();
    const { database } = configFromEnv({ DATABASE_URL: url });
    const stores = await Promise.all(Array.from({ length: 6 }, () => openAnyStore(database)));
    expect(new Set(stores.map((it) => it.epoch)).size).toBe(1);
    expect((await query(url, 'select count(*)::int n from schema_migrations')).rows).toEqual([
      { n: stores[0]?.opened.migrated.to },
    ]);
    for (const store of stores) await store[Symbol.asyncDispose]();
    await query(url, "insert into schema_migrations values ('later', 9999999999999)");
    expect(await messageOf(url)).toContain('it was written by a newer version of this program; update the program');
  });

  it('uses TLS as the URL says', async () => {
    await using folder = await tempFolder();
    const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: folder.path, stdio: 'ignore' });
    openssl(
      'req',
      '-x509',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:prime256v1',
      '-nodes',
      '-days',
      '2',
      ...[
        '-subj',
        '/CN=localhost',
        '-addext',
        'subjectAltName=DNS:localhost',
        '-keyout',
        'key.pem',
        '-out',
        'cert.pem',
      ],
    );
    await using server = await startCluster();
    for (const name of ['key.pem', 'cert.pem']) {
      const file = `${server.folder}/data/${name}`;
      copyFileSync(folder.file(name), file);
      chmodSync(file, 0o600);
      if (RUN_AS.uid !== undefined) chownSync(file, RUN_AS.uid, RUN_AS.gid as number);
    }
    const ca = folder.file('cert.pem');
    const url = (host: string, parameters: string) => `postgres://admin@${host}:${server.port}/postgres?${parameters}`;
    expect(await messageOf(url('127.0.0.1', 'sslmode=require'), BRIEFLY)).toContain('does not support SSL');
    await server.sql(`alter system set ssl_cert_file = 'cert.pem'`);
    await server.sql(`alter system set ssl_key_file = 'key.pem'`);
    await server.sql('alter system set ssl = on');
    await server.sql('select pg_reload_conf()');
    const inUse = async (parameters: string, host = '127.0.0.1') => {
      const { database } = configFromEnv({ DATABASE_URL: url(host, parameters), DATABASE_PATIENCE: '60' });
      await using store = await openAnyStore(database);
      await store.changesHead();
      const { rows } = await server.sql(
        "select bool_and(ssl) ssl from pg_stat_ssl join pg_stat_activity using (pid) where application_name like 'intercom-flats%'",
      );
      return rows[0].ssl;
    };
    expect(await inUse('sslmode=disable')).toBe(false);
    expect(await inUse('')).toBe(true);
    expect(await inUse('sslmode=require')).toBe(true);
    expect(await messageOf(url('127.0.0.1', 'sslmode=verify-ca'), BRIEFLY)).toContain(
      'not signed by a known authority',
    );
    expect(await inUse(`sslmode=verify-ca&sslrootcert=${ca}`)).toBe(true);
    expect(await messageOf(url('127.0.0.1', `sslmode=verify-full&sslrootcert=${ca}`), BRIEFLY)).toContain(
      'for another host',
    );
    expect(await inUse(`sslmode=verify-full&sslrootcert=${ca}`, 'localhost')).toBe(true);
    expect(await messageOf(url('127.0.0.1', 'sslmode=verify-ca&sslrootcert=/no/such.pem'), BRIEFLY)).toContain(
      '/no/such.pem',
    );
  });

  it('gives the log of a copy another epoch', async () => {
    const url = await newDatabase();
    const { database } = configFromEnv({ DATABASE_URL: url });
    const first = await openAnyStore(database);
    await first[Symbol.asyncDispose]();
    const copy = `${url}_copy`;
    const [from, to] = [new URL(url), new URL(copy)].map((it) => it.pathname.slice(1));
    await query(await sharedServer(), `create database ${to} template ${from}`);
    const second = await openAnyStore(configFromEnv({ DATABASE_URL: copy }).database);
    expect(second.epoch).not.toBe(first.epoch);
    await second[Symbol.asyncDispose]();
    const again = await openAnyStore(database);
    expect(again.epoch).toBe(first.epoch);
    await again[Symbol.asyncDispose]();
  });

  it('serves, tells its name, and leaves with 0; the password is in nothing that it prints', async () => {
    const url = await newDatabase();
    await query(url, CAREFUL);
    await query(url, 'grant create on schema public to careful');
    const { host, pathname } = new URL(url);
    await using server = spawnNode('src/server.ts', [], {
      DATABASE_URL: `postgres://careful:rIght7@${host}${pathname}`,
      PORT: '0',
      INSTANCE: 'one',
      DATABASE_PATIENCE: '60',
    });
    const address = await server.printed(/"url":"([^"]+)"/);
    const ask = async (query: string) =>
      (
        await fetch(`${address}/graphql`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ query }),
        })
      ).json();
    expect(
      await ask('mutation { it: createIntercom(input: { title: "A", flatFrom: 1, flatTo: 300 }) { __typename } }'),
    ).toEqual({ data: { it: { __typename: 'CreateIntercomSuccess' } } });
    // Long enough for a reader's thread.
    const long = `query { ${Array.from({ length: 6 }, (_, i) => `a${i}: intercomFlats(first: 50) { totalCount edges { node { id flat intercom { title } keys { code } } } }`).join(' ')} }`;
    const answer = (await ask(long)) as { data: { a0: { edges: unknown[] } } };
    expect(answer).toMatchObject({ data: { a0: { totalCount: 300 } } });
    expect(answer.data.a0.edges).toHaveLength(50);
    const metrics = await (await fetch(`${address}/metrics`)).text();
    expect(metrics).toContain('intercom_flats_instance_info{name="one"} 1');
    expect(metrics).toMatch(/intercom_flats_database_connections\{state="open"\} [1-9]/);
    expect(await (await fetch(`${address}/health/ready`)).json()).toEqual({ status: 'ok' });
    server.child.kill('SIGTERM');
    const { code, stdout, stderr } = await server.exit;
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toContain('"instance":"one"');
    expect(stdout + metrics).not.toContain('rIght7');
  });
});
