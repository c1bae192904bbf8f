import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { spawnServer } from './support/spawn.ts';
import { tempFolder } from './support/temp-folder.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

/** The rights of everything below a folder. */
const modes = (folder: string): Record<string, string> =>
  Object.fromEntries(
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .sort()
      .map((name) => [name, (statSync(join(folder, name)).mode & 0o777).toString(8)]),
  );

it.concurrent.each(['0000', '0277'])(
  'whatever the program makes is its owner’s alone, under umask %s',
  async (umask) => {
    await using folder = await tempFolder();
    const file = folder.file('made/deeper/x.db');
    writeFileSync(folder.file('in.csv'), 'intercom_id,flat\n1,10\n1,bad\n');
    const run = async (...args: string[]) => {
      const command = `umask ${umask}; exec "$@"`;
      const child = spawn('sh', ['-c', command, 'sh', process.execPath, join(root, 'src/cli.ts'), ...args], {
        env: { PATH: process.env['PATH'], DATABASE_URL: `file:${file}` },
      });
      const [[code], err] = await Promise.all([once(child, 'close'), text(child.stderr)]);
      return `${code} ${code === 0 ? '' : err}`;
    };
    expect(await run('import', '--report', folder.file('report.csv'), folder.file('in.csv'))).toMatch(/^1 bad rows/);
    expect(await run('export', '--out', folder.file('out.csv'))).toBe('0 ');
    expect(await run('backup', folder.file('backup.db'))).toBe('0 ');
    expect(await run('restore', folder.file('backup.db'))).toBe('0 ');
    const { 'in.csv': given, ...made } = modes(folder.path);
    expect(
      Object.fromEntries(Object.entries(made).map(([name, mode]) => [name.replace(/\d{8}T\w+/, 'TIME'), mode])),
    ).toEqual({
      ...{ 'backup.db': '600', 'out.csv': '600', 'report.csv': '600' },
      ...{
        made: '700',
        'made/deeper': '700',
        'made/deeper/x.db': '600',
        'made/deeper/x.db.before-restore-TIME': '600',
      },
    });
  },
);

it.concurrent('takes the rights of others from files of older versions at the next start, with a line for each', async () => {
  await using folder = await tempFolder();
  mkdirSync(folder.file('data'));
  const file = folder.file('data/x.db');
  {
    await using server = await spawnServer(file);
    expect(modes(folder.file('data'))).toEqual({ 'x.db': '600', 'x.db-shm': '600', 'x.db-wal': '600' });
    server.child.kill('SIGKILL');
    await server.exit;
  }
  for (const copy of ['.before-restore-1', '.before-schema-4', '.csv']) writeFileSync(file + copy, '');
  for (const name of readdirSync(folder.file('data'))) chmodSync(join(folder.file('data'), name), 0o644);
  const narrowed = [];
  for (let start = 0; start < 2; start++) {
    await using server = await spawnServer(file);
    narrowed.push(
      server
        .stdout()
        .split('\n')
        .filter((it) => it.includes('other users'))
        .map((it) => JSON.parse(it))
        .map((it) => [it.level, it.file, it.mode, it.msg]),
    );
    server.child.kill('SIGKILL');
    await server.exit;
  }
  const line = (suffix: string) => [40, file + suffix, '0644', 'other users could read this file'];
  expect(narrowed).toEqual([
    [line(''), line('-wal'), line('-shm'), line('.before-restore-1'), line('.before-schema-4')],
    [],
  ]);
  expect(modes(folder.file('data'))).toMatchObject({
    ...{ 'x.db': '600', 'x.db-wal': '600', 'x.db-shm': '600' },
    ...{ 'x.db.before-restore-1': '600', 'x.db.before-schema-4': '600', 'x.db.csv': '644' },
  });
});
