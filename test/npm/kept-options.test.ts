import { readdir, writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import type { Command } from '../../src/cli/command.ts';
import { run as backup } from '../../src/cli/commands/backup.ts';
import { startNpm } from '../support/npm.ts';
import { desk, type Ended } from '../support/run-cli.ts';
import { tempFolder } from '../support/temp-folder.ts';

// npm takes what stands before `--` for its own options, and the command never sees it.

async function npmRun(
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<Ended & { touched: boolean }> {
  await using folder = await tempFolder();
  const file = folder.file('flats.csv');
  await writeFile(file, 'intercom_id,flat\n1,10\n');
  await using npm = await startNpm(['run', '-s', ...args.map((it) => it.replace('FILE', file))], { env });
  const { code } = await npm.ended;
  const left = (await readdir(folder.path)).filter((it) => it !== 'flats.csv');
  const out = npm.output().replaceAll(file, 'FILE');
  return { code, out, err: '', touched: left.length > 0 || (await isThere(npm.database)) };
}

const isThere = (file: string): Promise<boolean> =>
  readdir(file.slice(0, file.lastIndexOf('/'))).then((names) => names.length > 0);

describe.concurrent('an option that npm keeps for itself', () => {
  it.each([
    ['import --dry-run FILE', '--dry-run', 'npm run import -- --dry-run FILE'],
    ['export --out=FILE', '--out', 'npm run export -- --out=FILE'],
    ['restore --dry-run FILE', '--dry-run', 'npm run restore -- --dry-run FILE'],
    ['prune --older-than 400d', '--older-than', 'npm run prune -- --older-than 400d'],
    ['token create x --scope=admin', '--scope', 'npm run token -- --scope=admin create x'],
  ])('is refused before anything is done: npm run %s', async (args, kept, right) => {
    const ended = await npmRun(args.split(' '));
    // npm itself may complain about options that it does not know.
    const out = expect.stringContaining(`npm kept ${kept} for itself. Write -- before the options: ${right}\n`);
    expect(ended).toEqual({ code: 2, out, err: '', touched: false });
  });

  it('is taken after --', async () => {
    const { code, out } = await npmRun(['import', '--', '--dry-run', '--json', 'FILE']);
    expect([code, JSON.parse(out)]).toMatchObject([0, { dryRun: true, flatsCreated: 1 }]);
  });
});

describe.concurrent('what an .npmrc sets for npm', () => {
  it('is no option of a command', async () => {
    await using folder = await tempFolder();
    await writeFile(folder.file('npmrc'), 'force=true\njson = true\nscope=@company\n');
    const ended = await npmRun(['import', '--', 'FILE'], { npm_config_userconfig: folder.file('npmrc') });
    expect(ended).toMatchObject({ code: 0, out: expect.stringContaining('flats created: 1') });
    const list = await npmRun(['token', '--', 'list'], { npm_config_userconfig: folder.file('npmrc') });
    expect(list).toMatchObject({ code: 0, out: expect.stringContaining('NAME') });
  });

  it('does not let a dry run pass for a real one, and can be taken back', async () => {
    await using folder = await tempFolder();
    await writeFile(folder.file('npmrc'), 'dry-run=true\n');
    const env = { npm_config_userconfig: folder.file('npmrc') };
    expect(await npmRun(['import', '--', 'FILE'], env)).toEqual({
      code: 2,
      out: `npm kept --dry-run for itself. Write -- before the options: npm run import -- --dry-run FILE
An .npmrc file sets it, too. To do without: npm run --no-dry-run import -- ...
`,
      err: '',
      touched: false,
    });
    const ended = await npmRun(['--no-dry-run', 'import', '--', 'FILE'], env);
    expect(ended).toMatchObject({ code: 0, out: expect.stringContaining('flats created: 1') });
  });
});

it.each(['import', 'export', 'backup', 'restore', 'prune', 'token', 'copy', 'demo'])(
  '%s refuses --dry-run, --force and --json that got lost, also those that it does not have',
  async (name) => {
    await using d = await desk();
    const { run } = (await import(`../../src/cli/commands/${name}.ts`)) as { run: Command };
    for (const option of ['dry-run', 'force', 'json']) {
      const env = { [`npm_config_${option.replace('-', '_')}`]: 'true', npm_lifecycle_event: name };
      expect(await d.run(run, ['x'], { env })).toEqual({
        code: 2,
        out: '',
        err: `npm kept --${option} for itself. Write -- before the options: npm run ${name} -- --${option} x\n`,
      });
    }
    expect(await d.files()).toEqual([]);
  },
);

it('an option that is off, or stands among the arguments as well, is not missing', async () => {
  await using d = await desk();
  for (const [args, env] of [
    [['x.db'], { npm_config_force: '' }],
    [['x.db'], { npm_config_force: 'false' }],
    [['--force', 'x.db'], { npm_config_force: 'true' }],
  ] as const) {
    const { err } = await d.run(backup, [...args], { env });
    expect(err).toMatch(/^No database at/);
  }
});
