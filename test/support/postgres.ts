import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, openSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { chown, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { freePort } from './free-port.ts';

/** The programs of the newest PostgreSQL of this machine; `undefined` where there is none. */
export const POSTGRES_BIN: string | undefined = findPrograms();

/** Says why tests are skipped. */
export const NO_POSTGRES = 'no PostgreSQL 14 or later; apt-get install postgresql';

function findPrograms(): string | undefined {
  const given = process.env['PG_BIN'];
  if (given) return given;
  const root = '/usr/lib/postgresql';
  const versions = existsSync(root) ? readdirSync(root).map(Number) : [];
  const found = versions.toSorted((a, b) => b - a).find((it) => it >= 14 && existsSync(`${root}/${it}/bin/initdb`));
  return found === undefined ? undefined : `${root}/${found}/bin`;
}

/** PostgreSQL does not run as root. */
export const RUN_AS: { readonly uid?: number; readonly gid?: number } =
  process.getuid?.() === 0 ? { uid: idOf('-u'), gid: idOf('-g') } : {};

function idOf(flag: '-u' | '-g'): number {
  try {
    return Number(execFileSync('id', [flag, 'postgres'], { stdio: ['ignore', 'pipe', 'ignore'] }));
  } catch {
    return 65_534;
  }
}

/** A server of a test's own, in a folder that is gone with it. */
export interface Cluster extends AsyncDisposable {
  readonly folder: string;
  readonly port: number;
  /** The URL of a database, by TCP. */
  url(database?: string, user?: string): string;
  /** Runs statements as the superuser. */
  sql(text: string, database?: string): Promise<pg.QueryResult>;
  /** Runs one of PostgreSQL's programs, such as `pg_ctl`. */
  run(program: string, ...args: string[]): string;
  /** The process of the server itself. */
  pid(): number;
  start(): Promise<void>;
  /** Sends a signal to all of its processes: SIGSTOP freezes it, and SIGCONT wakes it. */
  signal(name: NodeJS.Signals): void;
  /** Ends the server at once, as its machine would by losing power. */
  kill(): void;
}

export interface ClusterOptions {
  /** Lines of `postgresql.conf`. */
  readonly settings?: Readonly<Record<string, string>>;
  /** The folder of a cluster to follow as its standby. */
  readonly standbyOf?: Cluster;
  readonly name?: string;
  /** Whether commits wait for the disk; tests that lose no power do without. */
  readonly fsync?: boolean;
}

export const SUPERUSER = 'admin';

export async function startCluster(options: ClusterOptions = {}): Promise<Cluster> {
  if (POSTGRES_BIN === undefined) throw new Error(NO_POSTGRES);
  const folder = await mkdtemp(join(tmpdir(), 'pg-'));
  if (RUN_AS.uid !== undefined) await chown(folder, RUN_AS.uid, RUN_AS.gid as number);
  const data = join(folder, 'data');
  const port = await freePort();
  const { standbyOf, name = 'node', fsync = false } = options;
  const run = (program: string, ...args: string[]): string =>
    execFileSync(join(POSTGRES_BIN as string, program), args, {
      ...RUN_AS,
      cwd: folder,
      env: { PATH: process.env['PATH'], LC_ALL: 'C.UTF-8', HOME: folder },
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  if (standbyOf) {
    const from = `host=127.0.0.1 port=${standbyOf.port} user=${SUPERUSER} application_name=${name}`;
    run('pg_basebackup', '-D', data, '-d', from, '-R', '-X', 'stream', '-c', 'fast', '--no-sync');
  } else {
    run('initdb', '-D', data, '-U', SUPERUSER, '-E', 'UTF8', '--locale=C.UTF-8', '-A', 'trust', '--no-sync');
  }
  // Who is called careful must show a password.
  if (!standbyOf) {
    const file = join(data, 'pg_hba.conf');
    writeFileSync(file, `host all careful 127.0.0.1/32 scram-sha-256\n${readFileSync(file, 'utf8')}`);
  }
  const settings = {
    port: String(port),
    listen_addresses: "'127.0.0.1'",
    unix_socket_directories: `'${folder}'`,
    fsync: fsync ? 'on' : 'off',
    max_connections: '200',
    shared_buffers: "'32MB'",
    // In the cluster's folder, so that nothing is left of a server that is killed.
    dynamic_shared_memory_type: 'mmap',
    wal_level: 'replica',
    ...options.settings,
  };
  writeFileSync(
    join(data, 'postgresql.auto.conf'),
    [
      ...(standbyOf ? [readFileSync(join(data, 'postgresql.auto.conf'), 'utf8')] : []),
      ...Object.entries(settings).map(([key, value]) => `${key} = ${value}`),
      '',
    ].join('\n'),
  );

  const url = (database = 'postgres', user = SUPERUSER) => `postgres://${user}@127.0.0.1:${port}/${database}`;
  const pid = () => Number(readFileSync(join(data, 'postmaster.pid'), 'utf8').split('\n')[0]);
  async function start(): Promise<void> {
    const log = openSync(join(folder, 'log'), 'a');
    spawn(join(POSTGRES_BIN as string, 'postgres'), ['-D', data], {
      ...RUN_AS,
      cwd: folder,
      stdio: ['ignore', log, log],
    }).unref();
    for (let tries = 0; ; tries++) {
      try {
        await query(url(), 'select 1');
        return;
      } catch (error) {
        if (tries > 1_200) throw new Error(readFileSync(join(folder, 'log'), 'utf8').slice(-1_000), { cause: error });
        await sleep(50);
      }
    }
  }
  const signal = (name: NodeJS.Signals) => {
    let main: number;
    try {
      main = pid();
    } catch {
      // It is not running.
      return;
    }
    for (const it of [main, ...childrenOf(main)]) {
      try {
        process.kill(it, name);
      } catch {
        // It has ended by itself.
      }
    }
  };
  const kill = () => signal('SIGKILL');
  await start();
  return {
    folder,
    port,
    url,
    run,
    pid,
    start,
    signal,
    kill,
    sql: (text, database) => query(url(database), text),
    async [Symbol.asyncDispose]() {
      kill();
      await rm(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
    },
  };
}

export function childrenOf(parent: number): readonly number[] {
  const output = execFileSync('ps', ['-eo', 'pid=,ppid='], { encoding: 'utf8' });
  return output
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number))
    .filter(([, ppid]) => ppid === parent)
    .map(([pid]) => pid as number);
}

/** Runs statements on a connection of their own. */
export async function query(url: string, text: string | pg.QueryConfig): Promise<pg.QueryResult> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => {});
  await client.connect();
  try {
    return await client.query(text);
  } finally {
    await client.end();
  }
}

/** The folder of this run; `postgres-once.ts` makes and removes it. */
export const RUN_FOLDER = 'TEST_POSTGRES_FOLDER';

/** The URL of the one server of the run, which the first test that needs it starts; or of one that is there already. */
export async function sharedServer(): Promise<string> {
  const given = process.env['TEST_DATABASE_URL'];
  if (given) return given;
  const folder = process.env[RUN_FOLDER];
  if (folder === undefined) throw new Error(`${RUN_FOLDER} is not set`);
  const ready = join(folder, 'url');
  try {
    mkdirSync(join(folder, 'starting'));
    const cluster = await startCluster();
    writeFileSync(join(folder, 'cluster'), cluster.folder);
    writeFileSync(`${ready}.new`, cluster.url());
    execFileSync('mv', [`${ready}.new`, ready]);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  for (let tries = 0; !existsSync(ready); tries++) {
    if (tries > 2_000) throw new Error('the server of the run did not start');
    await sleep(50);
  }
  return readFileSync(ready, 'utf8');
}

/** Written into the log, as newer servers do by default, a database takes three times as long. */
let strategy: Promise<string> | undefined;

/** A new, empty database on the server of the run; returns its URL. */
export async function newDatabase(): Promise<string> {
  const server = await sharedServer();
  const name = `t${process.pid}_${Math.random().toString(36).slice(2)}`;
  strategy ??= query(server, 'show server_version_num').then(({ rows }) =>
    rows[0].server_version_num >= 15e4 ? 'strategy file_copy' : '',
  );
  await query(server, `create database ${name} ${await strategy}`);
  return server.replace(/\/[^/]*$/, `/${name}`);
}
