import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { tempFolder } from './support/temp-folder.ts';
import { until } from './support/until.ts';

// The commands of the README, as npm runs them: npm is the process that an operator or a supervisor knows.

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const run = promisify(execFile);

/** npm in a group of its own, without what the npm around the tests has put into the environment. */
function npm(args: readonly string[], env: Record<string, string>): { child: ChildProcess; output: () => string } {
  const outer = Object.entries(process.env).filter(([name]) => !/^npm_/i.test(name)) as [string, string][];
  const child = spawn('npm', args, {
    cwd: ROOT,
    env: { ...Object.fromEntries(outer), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding('utf8').on('data', (it) => {
      output += it;
    });
  return { child, output: () => output };
}

const accepts = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve(true);
    }).once('error', () => resolve(false));
  });

/** The ids of the processes that have this variable in their environment. */
async function processesWith(variable: string): Promise<number[]> {
  const found: number[] = [];
  for (const name of (await readdir('/proc')).filter((it) => /^\d+$/.test(it))) {
    const environment = await readFile(`/proc/${name}/environ`, 'latin1').catch(() => '');
    if (environment.split('\0').includes(variable)) found.push(Number(name));
  }
  return found;
}

describe('whoever signals npm', () => {
  it.each([
    ['start', 'SIGTERM'],
    ['start', 'SIGHUP'],
    ['start', 'SIGQUIT'],
    ['start', 'SIGKILL'],
    ['demo', 'SIGTERM'],
    ['demo', 'SIGINT'],
  ] as const)(
    'that runs %s with %s ends the service, and leaves neither port nor process behind',
    async (script, signal) => {
      await using folder = await tempFolder();
      const mark = `MARK_OF_TEST=${folder.path}`;
      const { child, output } = npm(['run', script], {
        DATABASE_URL: `file:${folder.file('x.db')}`,
        PORT: '0',
        MARK_OF_TEST: folder.path,
      });
      await until(() => /"url":"([^"]+)"/.test(output()));
      const port = Number(new URL(/"url":"([^"]+)"/.exec(output())?.[1] as string).port);
      expect(await accepts(port)).toBe(true);
      process.kill(child.pid as number, signal);
      await until(async () => (await processesWith(mark)).length === 0);
      expect(await accepts(port)).toBe(false);
      expect(existsSync(folder.file('x.db-wal'))).toBe(false);
      expect(output()).toContain('"msg":"stopping"');
    },
  );

  it('with SIGUSR1 opens no debugger', async () => {
    await using folder = await tempFolder();
    const mark = `MARK_OF_TEST=${folder.path}`;
    const { child, output } = npm(['start'], {
      DATABASE_URL: `file:${folder.file('x.db')}`,
      PORT: '0',
      MARK_OF_TEST: folder.path,
    });
    await until(() => output().includes('"listening"'));
    const node = (await processesWith(mark)).find((pid) => pid !== child.pid) as number;
    process.kill(node, 'SIGUSR1');
    await fetch(/"url":"([^"]+)"/.exec(output())?.[1] as string);
    expect(output()).not.toContain('Debugger listening');
    process.kill(child.pid as number, 'SIGTERM');
    await once(child, 'close');
    expect(output()).not.toContain('Debugger listening');
  });
});

describe('an option that npm keeps for itself', () => {
  it.each([
    [['run', 'import', '--dry-run', 'FILE'], '--dry-run', 'npm run import -- --dry-run FILE'],
    [['run', 'import', 'FILE', '--json'], '--json', 'npm run import -- --json FILE'],
    [['run', 'restore', '--force', 'FILE'], '--force', 'npm run restore -- --force FILE'],
    [['run', 'prune', '--older-than=400d'], '--older-than', 'npm run prune -- --older-than'],
    [['run', 'token', 'create', 'x', '--scope=admin'], '--scope', 'npm run token -- --scope create x'],
  ])('%j is refused before anything is done', async (args, option, right) => {
    await using folder = await tempFolder();
    const file = folder.file('flats.csv');
    await writeFile(file, 'intercom_id,flat\n1,10\n');
    const { child, output } = npm(
      args.map((it) => it.replace('FILE', file)),
      { DATABASE_URL: `file:${folder.file('x.db')}` },
    );
    const [code] = await once(child, 'close');
    expect([code, output()]).toEqual([
      2,
      expect.stringContaining(
        `npm kept ${option} for itself. Write -- before the options: ${right.replace('FILE', file)}`,
      ),
    ]);
    expect(await readdir(folder.path)).toEqual(['flats.csv']);
  });

  it('is taken after --', async () => {
    await using folder = await tempFolder();
    const file = folder.file('flats.csv');
    await writeFile(file, 'intercom_id,flat\n1,10\n');
    const { child, output } = npm(['run', '-s', 'import', '--', '--dry-run', '--json', file], {
      DATABASE_URL: `file:${folder.file('x.db')}`,
    });
    expect([await once(child, 'close'), JSON.parse(output())]).toMatchObject([
      [0, null],
      { dryRun: true, flatsCreated: 1 },
    ]);
  });
});

it('another version of Node is told in one line what to do', async () => {
  const check = fileURLToPath(new URL('../src/check-node.mjs', import.meta.url));
  const { stderr } = await run(process.execPath, [check]);
  expect(stderr).toBe('');
  const other = `Object.defineProperty(process.versions, 'node', { value: '20.1.0' }); await import(${JSON.stringify(check)});`;
  const failed = await run(process.execPath, ['--input-type=module', '-e', other]).catch((error) => error);
  expect([failed.code, failed.stderr]).toEqual([
    1,
    'This needs Node 24, and this is Node 20.1.0: run npm ci without --ignore-scripts, which brings it along, or install Node 24.\n',
  ]);
});

it('what runs in production needs no package of development', async () => {
  const { dependencies } = JSON.parse(await readFile(`${ROOT}package.json`, 'utf8'));
  const imported = new Set<string>();
  for (const name of (await readdir(`${ROOT}src`, { recursive: true })).filter((it) => it.endsWith('.ts'))) {
    const code = await readFile(`${ROOT}src/${name}`, 'utf8');
    for (const [, path = ''] of code.matchAll(
      /^(?:import|export) (?!type )[^;]*?from '([^'.][^']*)'|(?:import|require)\('([^'.][^']*)'\)/gms,
    )) {
      if (path !== '' && !path.startsWith('node:'))
        imported.add(
          path
            .split('/')
            .slice(0, path.startsWith('@') ? 2 : 1)
            .join('/'),
        );
    }
  }
  expect([...imported].filter((it) => !(it in dependencies))).toEqual([]);
  expect(imported.size).toBeGreaterThan(5);
  expect(dependencies.node).toMatch(/^24\./);
});
