import { setTimeout as sleep } from 'node:timers/promises';
import { type Cluster, startCluster } from '../support/postgres.ts';
import { until } from '../support/until.ts';
import { createCallers } from './callers.ts';
import { type Instance, startInstance } from './instance.ts';
import { failOverByPatroni } from './patroni.ts';
import { upgrade } from './upgrade.ts';

// drill.ts [kill|freeze|stop|instances|upgrade|--patroni] [seconds of load before and after]
//
// kill       the primary dies with all of its processes, and the synchronous standby is promoted
// freeze     the primary stands still, the standby is promoted, and the old primary wakes up
// stop       the primary is stopped in good order, and the standby is promoted
// instances  each of two instances is killed and started again, one after the other
// upgrade    each of two instances behind nginx is stopped in good order and started again, and no request fails
// --patroni  the leader of three servers under Patroni dies with it; needs Debian's patroni and etcd-server
//
// Then every answer and every event is compared with the change log.

const KINDS = ['kill', 'freeze', 'stop', 'instances', 'upgrade', '--patroni'] as const;
const [, , given = 'kill', seconds = '5'] = process.argv;
const kind = KINDS.find((it) => it === given);
if (!kind || !/^\d+$/.test(seconds)) {
  process.stderr.write(`Usage: npm run drill -- [${KINDS.join('|')}] [seconds]\n`);
  process.exit(2);
}
const loadMs = Number(seconds) * 1_000;
if (kind === 'upgrade') process.exit((await upgrade(loadMs)) ? 0 : 1);
if (kind === '--patroni') process.exit((await failOverByPatroni(loadMs)) ? 0 : 1);

async function setSynchronous(node: Cluster, names: string): Promise<void> {
  await node.sql(`alter system set synchronous_standby_names = '${names}'`);
  await node.sql('select pg_reload_conf()');
}

const promote = (node: Cluster) => node.run('pg_ctl', 'promote', '-D', `${node.folder}/data`, '-w');

await using first = await startCluster({ name: 'first', fsync: true });
await using second = await startCluster({ standbyOf: first, name: 'second', fsync: true });
await setSynchronous(first, '*');
await first.sql('create database flats');

const env = {
  DATABASE_URL: `postgres://admin@127.0.0.1:${first.port},127.0.0.1:${second.port}/flats`,
};
const instances: Instance[] = [await startInstance('one', env), await startInstance('two', env)];

try {
  const callers = await createCallers(instances.map((it) => it.url));
  await callers.load(loadMs);
  let frozen = '';
  if (kind === 'instances') {
    for (const [index, it] of instances.entries()) {
      it.child.kill('SIGKILL');
      await it.exit;
      instances[index] = await startInstance(it.name, env, it.port);
      await callers.load(loadMs);
    }
  } else {
    if (kind === 'kill') first.kill();
    else if (kind === 'freeze') first.signal('SIGSTOP');
    else first.run('pg_ctl', 'stop', '-D', `${first.folder}/data`, '-m', 'fast');
    await sleep(500);
    promote(second);
    const promotedAt = performance.now();
    await until(() => callers.areBack(promotedAt + 200), 20);
    process.stdout.write(`writes were back ${Math.round(performance.now() - promotedAt)} ms after the promotion\n`);
    if (kind === 'freeze') {
      first.signal('SIGCONT');
      // Its commits would wait for its standby for ever. Now they do not: the fence of the instances alone has to hold.
      await sleep(500);
      await setSynchronous(first, '').catch(() => {});
    }
    await callers.load(loadMs);
    if (kind === 'freeze') {
      const { rows } = await first.sql('select max(seq)::float8 last from changes', 'flats');
      frozen = rows[0].last < 2 ** 32 ? '' : 'the old primary has taken changes of the new history\n';
    }
  }
  const report = await callers.end(kind === 'instances' ? first.url('flats') : second.url('flats'));
  process.stdout.write(`${report.text}${frozen}`);
  process.exitCode = report.isGood && frozen === '' ? 0 : 1;
} finally {
  for (const it of instances) await it[Symbol.asyncDispose]();
}
