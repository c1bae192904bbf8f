// Three servers under Patroni with one etcd, by the commands of the page. The leader's machine dies: its server, and its Patroni.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { chownSync, mkdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { CLUSTER_COMMANDS } from '../support/cluster-page.ts';
import { freePort } from '../support/free-port.ts';
import { childrenOf, POSTGRES_BIN, query, RUN_AS } from '../support/postgres.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { until } from '../support/until.ts';
import { createCallers } from './callers.ts';
import { type Instance, startInstance } from './instance.ts';

interface Node {
  readonly child: ChildProcess;
  readonly port: string;
  readonly data: string;
  /** Where its Patroni answers. */
  readonly api: string;
  readonly url: string;
}

const NODES = ['first', 'second', 'third'];
const SECRET = 'drill';

export async function failOverByPatroni(loadMs: number): Promise<boolean> {
  for (const program of ['patroni', 'etcd']) {
    if (spawnSync('sh', ['-c', `command -v ${program}`]).status === 0) continue;
    process.stderr.write(`there is no ${program} here; apt-get install patroni etcd-server\n`);
    return false;
  }
  await using folder = await tempFolder();
  own(folder.path);
  const children: ChildProcess[] = [];
  const instances: Instance[] = [];
  const nodes: Node[] = [];
  const start = (program: string, args: readonly string[], env: Record<string, string> = {}) => {
    const child = spawn(program, args, {
      ...{ ...RUN_AS, cwd: folder.path, stdio: 'ignore', detached: true },
      env: { PATH: `${POSTGRES_BIN}:${process.env['PATH']}`, HOME: folder.path, LC_ALL: 'C.UTF-8', ...env },
    });
    children.push(child);
    return child;
  };
  try {
    const [etcd, peer] = [await freePort(), await freePort()].map((it) => `127.0.0.1:${it}`) as [string, string];
    const listen = ['client', 'peer'].map((it) => `--listen-${it}-urls=http://${it === 'client' ? etcd : peer}`);
    const advertise = [`--advertise-client-urls=http://${etcd}`, `--initial-advertise-peer-urls=http://${peer}`];
    const cluster = [`--initial-cluster=default=http://${peer}`, `--data-dir=${folder.file('etcd')}`];
    start('etcd', ['--enable-v2=true', ...listen, ...advertise, ...cluster]);

    for (const NAME of NODES) {
      const [PORT, API_PORT] = [String(await freePort()), String(await freePort())];
      const home = folder.file(NAME);
      mkdirSync(home);
      own(home);
      const data = `${home}/data`;
      const env = {
        ...{ NAME, PORT, API_PORT, HOST: '127.0.0.1', NETWORK: '127.0.0.1/32', ETCD: etcd, BIN: `${POSTGRES_BIN}` },
        ...{ DATA: data, CONFIG: `${home}/config.yml`, HOME: home, PGHOST: home },
        ...{ POSTGRES_PASSWORD: SECRET, STANDBY_PASSWORD: SECRET, REWIND_PASSWORD: SECRET },
      };
      // The folder of sockets is one of the system's otherwise.
      const script = `exec 2> "${home}/log"; ${CLUSTER_COMMANDS.patroni
        .replace("  data_dir: '$DATA'", `  parameters: { unix_socket_directories: '${home}' }\n  data_dir: '$DATA'`)
        .replace('\npatroni', '\nexec patroni')}`;
      const child = start('bash', ['-euc', script], env);
      const api = `http://127.0.0.1:${API_PORT}`;
      nodes.push({ child, port: PORT, data, api, url: `postgres://postgres:${SECRET}@127.0.0.1:${PORT}` });
      await until(async () => (await answers(`${api}/primary`)) || (await answers(`${api}/replica`)), 100);
    }
    const leaderOf = async () => {
      for (const it of nodes) if (await answers(`${it.api}/primary`)) return it;
      throw new Error('no server leads');
    };
    const leader = await leaderOf();
    const isWaitedFor = async () => {
      const waiting = "select from pg_stat_replication where sync_state = 'sync'";
      return (await query(`${leader.url}/postgres`, waiting)).rows.length > 0;
    };
    await until(isWaitedFor, 100);
    await query(`${leader.url}/postgres`, 'create database flats');

    const hosts = nodes.map((it) => `127.0.0.1:${it.port}`).join(',');
    const env = { DATABASE_URL: `postgres://postgres:${SECRET}@${hosts}/flats`, DATABASE_PATIENCE: '30' };
    for (const name of ['one', 'two']) instances.push(await startInstance(name, env));
    const callers = await createCallers(instances.map((it) => it.url));
    await sleep(loadMs);
    killAll(leader.child.pid);
    killAll(serverOf(leader.data));
    const killedAt = performance.now();
    await until(() => callers.areBack(killedAt + 1_000), 20);
    process.stdout.write(`writes were back ${Math.round(performance.now() - killedAt)} ms after the leader died\n`);
    await sleep(loadMs);
    const report = await callers.end(`${(await leaderOf()).url}/flats`);
    process.stdout.write(report.text);
    return report.isGood;
  } finally {
    for (const it of instances) await it[Symbol.asyncDispose]();
    for (const it of children) killAll(it.pid);
    for (const it of nodes) killAll(serverOf(it.data));
  }
}

function own(path: string): void {
  if (RUN_AS.uid !== undefined) chownSync(path, RUN_AS.uid, RUN_AS.gid as number);
}

async function answers(url: string): Promise<boolean> {
  try {
    return (await fetch(url)).status === 200;
  } catch {
    return false;
  }
}

/** The process of a server, which is no child of its Patroni. */
function serverOf(data: string): number | undefined {
  try {
    return Number(readFileSync(`${data}/postmaster.pid`, 'utf8').split('\n')[0]);
  } catch {
    // It does not run.
    return undefined;
  }
}

/** Ends a process and all that it has started. */
function killAll(pid: number | undefined): void {
  if (pid === undefined) return;
  const all: number[] = [];
  for (const next = [pid]; next.length > 0; ) {
    const it = next.pop() as number;
    all.push(it);
    next.push(...childrenOf(it));
  }
  for (const it of all) {
    try {
      process.kill(it, 'SIGKILL');
    } catch {
      // It has ended by itself.
    }
  }
}
