// The instances are upgraded one after the other behind nginx, by the commands of the page, and no request fails.
import { execFileSync } from 'node:child_process';
import { chmodSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { CLUSTER_COMMANDS } from '../support/cluster-page.ts';
import { freePort } from '../support/free-port.ts';
import { startNginx } from '../support/nginx.ts';
import { startCluster } from '../support/postgres.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { createCallers } from './callers.ts';
import { type Instance, startInstance } from './instance.ts';

const { upstream, takeOut, putBack } = CLUSTER_COMMANDS;

export async function upgrade(loadMs: number): Promise<boolean> {
  await using folder = await tempFolder();
  await using server = await startCluster({ fsync: true });
  await server.sql('create database flats');
  const env = { DATABASE_URL: server.url('flats'), TRUSTED_PROXIES: '' };
  const instances: Instance[] = [await startInstance('one', env), await startInstance('two', env)];
  const addressOf = ({ port }: Instance) => `127.0.0.1:${port}`;
  const [one, two] = instances.map(addressOf) as [string, string];
  const file = folder.file('upstream.conf');
  const run = (script: string, INSTANCE1 = one, INSTANCE2 = two) =>
    execFileSync('bash', ['-euc', script], {
      env: { PATH: `${folder.path}:${process.env['PATH']}`, UPSTREAM: file, INSTANCE1, INSTANCE2 },
      stdio: ['ignore', 'ignore', 'inherit'],
    });
  run(upstream);
  const port = await freePort();
  // The callers of the drill are local to the instances, so the proxy must not look like one.
  const site = `include ${file}; server { listen 127.0.0.1:${port}; location / { proxy_pass http://flats; proxy_http_version 1.1; proxy_set_header Host 127.0.0.1; proxy_set_header Connection ""; proxy_buffering off; } }`;
  try {
    await using nginx = await startNginx(site, port);
    const program = execFileSync('sh', ['-c', 'command -v nginx'], { encoding: 'utf8' }).trim();
    writeFileSync(
      folder.file('nginx'),
      `#!/bin/sh\nexec ${program} ${nginx.args.map((it) => `'${it}'`).join(' ')} "$@"\n`,
    );
    chmodSync(folder.file('nginx'), 0o755);
    const url = `http://127.0.0.1:${port}`;
    const callers = await createCallers([url, url]);
    await sleep(loadMs);
    for (const [index, it] of instances.entries()) {
      const [other] = instances.filter((instance) => instance !== it).map(addressOf);
      run(takeOut, addressOf(it), other);
      await sleep(1_000);
      it.child.kill('SIGTERM');
      const { code } = await it.exit;
      if (code !== 0) throw new Error(`an instance ended with ${code}`);
      instances[index] = await startInstance(it.name, env, it.port);
      run(putBack, addressOf(it), other);
      await sleep(loadMs);
    }
    const report = await callers.end(server.url('flats'));
    process.stdout.write(`${report.text}requests that failed: ${report.failed}\n`);
    return report.isGood && report.failed === 0;
  } finally {
    for (const it of instances) await it[Symbol.asyncDispose]();
  }
}
