import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { itNeeds } from '../support/it-needs.ts';
import { startNpm } from '../support/npm.ts';
import { spawnServer } from '../support/spawn.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { until } from '../support/until.ts';

// The commands of the README, as npm runs them: npm is the process that an operator or a supervisor knows.

const LISTENING = /"url":"([^"]+)"/;

const accepts = (url: string): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(Number(new URL(url).port), '127.0.0.1', () => {
      socket.destroy();
      resolve(true);
    }).once('error', () => resolve(false));
  });

describe.concurrent('whoever signals npm', () => {
  it.each([
    // npm hands these two on, and ends as its program does.
    ['start', 'SIGTERM', { code: 0, signal: null }],
    ['start', 'SIGINT', { code: 0, signal: null }],
    // Of these it dies, and its program finds that npm is gone.
    ['start', 'SIGHUP', { code: null, signal: 'SIGHUP' }],
    ['start', 'SIGQUIT', { code: null, signal: 'SIGQUIT' }],
    ['start', 'SIGKILL', { code: null, signal: 'SIGKILL' }],
    ['demo', 'SIGHUP', { code: null, signal: 'SIGHUP' }],
  ] as const)('that runs %s with %s ends the service, and its port is free', async (script, signal, end) => {
    await using npm = await startNpm(['run', script]);
    const url = await npm.printed(LISTENING);
    expect(await accepts(url)).toBe(true);
    npm.child.kill(signal);
    expect(await npm.ended).toEqual(end);
    expect(await accepts(url)).toBe(false);
    expect([existsSync(npm.database), existsSync(`${npm.database}-wal`)]).toEqual([true, false]);
    expect(npm.output()).toContain('"msg":"stopping"');
  });

  it.each([
    ['SIGINT', { code: 130, signal: null }],
    ['SIGHUP', { code: null, signal: 'SIGHUP' }],
  ] as const)('that runs an import with %s interrupts it', async (signal, end) => {
    await using npm = await startNpm(['run', 'import', '--', '-']);
    npm.child.stdin?.write('intercom_id,flat\n1,10\n');
    await until(() => existsSync(`${npm.database}-wal`));
    npm.child.kill(signal);
    expect(await npm.ended).toEqual(end);
  });

  it.each(['SIGTERM', 'SIGHUP'] as const)(
    'with %s at any moment of a start leaves no process behind',
    async (signal) => {
      for (const wanted of [0, 1]) {
        await using npm = await startNpm(['start']);
        await until(async () => (await npm.programs()).length >= wanted);
        npm.child.kill(signal);
        await npm.ended;
      }
    },
  );

  it('with two different signals ends the service at once, whatever it still waits for', async () => {
    await using npm = await startNpm(['start'], { env: { DRAIN_SECONDS: '600' } });
    await npm.printed(LISTENING);
    npm.child.kill('SIGTERM');
    await npm.printed(/"msg":"stopping"/);
    npm.child.kill('SIGINT');
    expect(await npm.ended).toEqual({ code: 130, signal: null });
  });

  it('with the same signal again ends the service at once, too', async () => {
    await using npm = await startNpm(['start'], { env: { DRAIN_SECONDS: '600' } });
    await npm.printed(LISTENING);
    npm.child.kill('SIGTERM');
    await npm.printed(/"msg":"stopping"/);
    await until(() => !npm.child.kill('SIGTERM') || npm.child.exitCode !== null);
    // Between the end of the service and its own, npm dies of the signal.
    const { code, signal } = await npm.ended;
    expect([143, 'SIGTERM']).toContain(code ?? signal);
  });
});

itNeeds('script', 'bsdutils')(
  'Ctrl+C in a terminal reaches the service twice, and ends it gracefully all the same',
  async () => {
    // A shell that waits for npm dies of the signal, too, so npm takes its place: `script` runs whatever shell $SHELL names.
    const command = ['script', '-qefc', 'exec npm start', '/dev/null'] as const;
    await using npm = await startNpm([], { through: command, env: { DRAIN_SECONDS: '1' } });
    await npm.printed(/listening/);
    npm.child.stdin?.write('\x03');
    await npm.printed(/stopping/);
    expect(await npm.ended).toEqual({ code: 0, signal: null });
    expect(existsSync(`${npm.database}-wal`)).toBe(false);
  },
);

it('the same signal again at any moment of the end changes nothing about the end', async () => {
  await using folder = await tempFolder();
  const end = async (delay: number) => {
    await using service = await spawnServer(folder.file(`${delay}.db`));
    service.child.kill('SIGINT');
    await service.printed(/"msg":"stopping"/);
    await sleep(delay);
    service.child.kill('SIGINT');
    const { code, signal } = await service.exit;
    return { delay, code, signal };
  };
  // One at a time: while others start, the second signal might come later than two seconds after the first, and be another one.
  for (const delay of [0, 15, 20, 25]) expect(await end(delay)).toEqual({ delay, code: 0, signal: null });
});

it('SIGUSR1 opens no debugger, from the first moment at which Node deals with it', async () => {
  await using npm = await startNpm(['start']);
  const sent = new Set<number>();
  await until(async () => {
    for (const pid of await npm.programs()) {
      if (sent.has(pid) || !(await dealsWithSigusr1(pid)) || !(await isService(pid))) continue;
      process.kill(pid, 'SIGUSR1');
      sent.add(pid);
    }
    return sent.size > 0;
  });
  const url = await npm.printed(LISTENING);
  for (const pid of await npm.programs()) process.kill(pid, 'SIGUSR1');
  expect((await fetch(`${url}/health/ready`)).status).toBe(200);
  npm.child.kill('SIGTERM');
  expect(await npm.ended).toEqual({ code: 0, signal: null });
  expect(npm.output()).not.toContain('Debugger');
});

const inProc = (pid: number, name: string) => readFile(`/proc/${pid}/${name}`, 'latin1').catch(() => '');
// Shells name the program, too, and a process that a shell has just made still bears its name.
const isService = async (pid: number) =>
  (await inProc(pid, 'cmdline')).startsWith('node\0--disable-sigusr1\0--max-semi-space-size=8\0src/server.ts');

/** Whether the process blocks or catches SIGUSR1; before that it dies of it, like every other program. */
async function dealsWithSigusr1(pid: number): Promise<boolean> {
  const masks = (await inProc(pid, 'status')).matchAll(/^Sig(?:Blk|Cgt):\s+([0-9a-f]+)/gm);
  return [...masks].some(([, mask]) => (Number.parseInt(mask?.slice(-4) ?? '', 16) & 0x200) !== 0);
}
