import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { openStore } from '../src/store/open.ts';
import { killRounds } from './soak/kill-rounds.ts';
import { stopRounds } from './soak/stop-rounds.ts';
import { itNeeds } from './support/it-needs.ts';
import { TESTER } from './support/origin.ts';
import { BUILDING } from './support/start.ts';
import { tempFolder } from './support/temp-folder.ts';

it('loses no acknowledged update to kill -9 under load, and keeps state and log in agreement', async () => {
  const report = await killRounds(2);
  expect(report).toEqual({ rounds: 2, acknowledged: expect.any(Number), heavy: expect.any(Number), losses: [] });
  expect(report.acknowledged).toBeGreaterThanOrEqual(2 * 16);
  expect(report.heavy).toBeGreaterThan(0);
});

it('answers at SIGTERM under load what it has done, and does nothing that it does not answer', async () => {
  const report = await stopRounds(2);
  expect(report).toMatchObject({ rounds: 2, faults: [] });
  expect(report.acknowledged).toBeGreaterThanOrEqual(2 * 16);
  expect(report.heavy).toBeGreaterThan(0);
});

itNeeds('strace', 'strace')('syncs the disk at least once for every update that is answered on its own', async () => {
  await using folder = await tempFolder();
  const [file, trace] = [folder.file('x.db'), folder.file('trace')];
  {
    await using store = openStore({ file });
    await store.importRows(TESTER, BUILDING);
  }
  const server = fileURLToPath(new URL('../src/server.ts', import.meta.url));
  const strace = spawn('strace', ['-f', '-o', trace, '-e', 'trace=fsync,fdatasync', process.execPath, server], {
    env: { PATH: process.env['PATH'] ?? '', DATABASE_URL: `file:${file}`, PORT: '0' },
  });
  const [pid, url] = await new Promise<[number, string]>((resolve, reject) => {
    strace.stdout.setEncoding('utf8').on('data', (text: string) => {
      const [, pid, url] = /"pid":(\d+).*"url":"([^"]+)"/.exec(text) ?? [];
      if (url) resolve([Number(pid), url]);
    });
    strace.once('exit', (code) => reject(new Error(`strace ended with ${code}`)));
  });
  const syncs = () => readFileSync(trace, 'utf8').match(/f(data)?sync\(\d+\)/g)?.length ?? 0;
  const before = syncs();
  for (let i = 0; i < 50; i++) {
    const response = await fetch(`${url}/api/v1/billing/intercom-flats`, {
      method: 'PATCH',
      body: JSON.stringify({ flat_id: 1, is_analog_line_available: i % 2 === 1 }),
    });
    expect(response.headers.get('etag')).toBe(`"${i + 2}"`);
    expect(syncs() - before).toBeGreaterThan(i);
  }
  // It is the server that ends; strace goes with it.
  process.kill(pid);
  await once(strace, 'close');
});
