import { execFile, spawnSync } from 'node:child_process';
import { readdir, readFile, symlink } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { ROOT, shellEnv, startNpm } from '../support/npm.ts';
import { tempFolder } from '../support/temp-folder.ts';

const run = promisify(execFile);

const needs = (version: string) =>
  `This needs Node 24, and this is Node ${version}: run npm ci without --ignore-scripts, which brings it along, or install Node 24.\n`;

it('another version of Node is told in one line what to do', async () => {
  const check = fileURLToPath(new URL('../../src/check-node.mjs', import.meta.url));
  const { stderr } = await run(process.execPath, [check]);
  expect(stderr).toBe('');
  const other = `Object.defineProperty(process.versions, 'node', { value: '26.1.0' }); await import(${JSON.stringify(check)});`;
  const failed = await run(process.execPath, ['--input-type=module', '-e', other]).catch((error) => error);
  expect([failed.code, failed.stderr]).toEqual([2, needs('26.1.0')]);
});

/** The version of the machine's own Node. */
const OWN = spawnSync('node', ['-v'], { env: shellEnv(), encoding: 'utf8' }).stdout?.trim().slice(1) ?? '';
const isOther = OWN !== '' && !OWN.startsWith('24.');

it.skipIf(!isOther).each(['start', 'import'])(
  `npm run %s says so where the project has not brought its Node along${isOther ? '' : " (skipped: this machine's own Node is 24)"}`,
  async (script) => {
    await using folder = await tempFolder();
    // As after npm ci --ignore-scripts: everything is there, except the program that a script would have fetched.
    for (const name of ['src', 'drizzle', 'package.json']) await symlink(ROOT + name, folder.file(name));
    await using npm = await startNpm(['run', '-s', script], { cwd: folder.path });
    expect([await npm.ended, npm.output()]).toEqual([{ code: 2, signal: null }, needs(OWN)]);
  },
);

it('every command of the operator is run in the same way', async () => {
  const { scripts } = JSON.parse(await readFile(`${ROOT}package.json`, 'utf8'));
  const programs = Object.entries<string>(scripts).filter(([, script]) => /src\/(server|cli)\.ts/.test(script));
  expect(programs.map(([name]) => name)).toEqual([
    ...['start', 'demo', 'import', 'export', 'backup', 'restore', 'copy', 'prune', 'token'],
  ]);
  expect(programs.filter(([, script]) => !script.startsWith('exec sh src/run.sh '))).toEqual([]);
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
