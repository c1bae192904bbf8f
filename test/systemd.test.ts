import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { readdir, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { COMPILE_CACHE } from './support/compile-cache.ts';
import { itNeeds } from './support/it-needs.ts';
import { spawnProgram } from './support/spawn.ts';
import { tempFolder } from './support/temp-folder.ts';

const REPO = fileURLToPath(new URL('..', import.meta.url)).replace(/\/$/, '');
const unit = readFileSync(`${REPO}/src/service/intercom-flats.service`, 'utf8');

itNeeds('systemd-analyze', 'systemd')('the unit is one that systemd takes, and well shut off', async () => {
  await using folder = await tempFolder();
  const file = folder.file('intercom-flats.service');
  // Its user is made by hand, and the project lies elsewhere here.
  await writeFile(file, unit.replaceAll('/opt/intercom-flats', REPO).replace(/^(User|Group)=.*\n/gm, ''));
  const verified = spawnSync('systemd-analyze', ['verify', '--man=no', file], { encoding: 'utf8' });
  expect([verified.status, verified.stdout, verified.stderr]).toEqual([0, '', '']);
  await writeFile(file, unit);
  const judged = spawnSync('systemd-analyze', ['security', '--offline=true', '--threshold=20', '--no-pager', file]);
  expect(judged.status).toBe(0);
});

/** The values of a key of the unit, in their order. */
const valuesOf = (key: string): string[] =>
  [...unit.matchAll(new RegExp(`^${key}=(.*)$`, 'gm'))].map(([, value = '']) => value);

/** Starts what systemd starts, in the folder and with the environment that it gives; no shell is between. */
function startUnit(state: string, more: Record<string, string> = {}) {
  const [program = '', ...args] = (valuesOf('ExecStart')[0] ?? '').replaceAll('/opt/intercom-flats', REPO).split(' ');
  const environment = valuesOf('Environment').map((it) => it.replaceAll('/var/lib/intercom-flats', state).split('='));
  const env = {
    PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin',
    ...Object.fromEntries(environment),
    ...COMPILE_CACHE,
    ...more,
  };
  const cwd = valuesOf('WorkingDirectory')[0]?.replace('/opt/intercom-flats', REPO) ?? '';
  return spawnProgram(program, args, { cwd, env });
}

it('the unit starts the service, and ends it as systemd does', async () => {
  await using folder = await tempFolder();
  await using service = startUnit(folder.path, { PORT: '0' });
  const url = await service.printed(/"url":"([^"]+)"/);
  expect((await fetch(`${url}/health/ready`)).status).toBe(200);
  service.child.kill('SIGUSR1');
  service.child.kill(valuesOf('KillSignal')[0] as NodeJS.Signals);
  expect(await service.exit).toMatchObject({ code: 0, stderr: '' });
  expect(await readdir(folder.path)).toEqual(['flats.db']);
});

it('the unit does not try again what cannot become better', async () => {
  await using folder = await tempFolder();
  await using service = startUnit(folder.path, { PORT: 'x' });
  expect([`${(await service.exit).code}`]).toEqual(valuesOf('RestartPreventExitStatus'));
});
