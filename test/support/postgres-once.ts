import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { childrenOf, NO_POSTGRES, POSTGRES_BIN, RUN_FOLDER } from './postgres.ts';

/** Makes the folder by which the tests of a run share one server, and ends that server after them. */
export default function setup(): () => void {
  if (POSTGRES_BIN === undefined) {
    if (process.env['REQUIRE_POSTGRES']) throw new Error(NO_POSTGRES);
    process.stdout.write(`${NO_POSTGRES}; the tests of it are skipped\n`);
  }
  const folder = mkdtempSync(join(tmpdir(), 'intercom-flats-run-'));
  process.env[RUN_FOLDER] = folder;
  return () => {
    const started = join(folder, 'cluster');
    if (existsSync(started)) {
      const cluster = readFileSync(started, 'utf8');
      const pid = Number(readFileSync(join(cluster, 'data/postmaster.pid'), 'utf8').split('\n')[0]);
      for (const it of [pid, ...childrenOf(pid)])
        execFileSync('sh', ['-c', `kill -9 ${it} || true`], { stdio: 'ignore' });
      rmSync(cluster, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
    }
    rmSync(folder, { recursive: true, force: true });
  };
}
