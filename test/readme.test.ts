import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { chmod, copyFile, mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { run as importFlats } from '../src/cli/commands/import.ts';
import { createToken } from '../src/operations/tokens.ts';
import { openStore } from '../src/store/open.ts';
import { freePort } from './support/free-port.ts';
import { itNeeds } from './support/it-needs.ts';
import { shellEnv } from './support/npm.ts';
import { desk } from './support/run-cli.ts';
import { spawnServer } from './support/spawn.ts';
import { subscribe, take } from './support/sse.ts';
import { BUILDING, start } from './support/start.ts';
import { tempFolder } from './support/temp-folder.ts';

// The commands in the documents are run as people would: by a shell, or by cron, in a checkout of its own.

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const inFolder = async (folder: string) =>
  (await readdir(ROOT + folder, { recursive: true }))
    .filter((it) => /(^|\/)README\.md$/.test(it))
    .map((it) => join(folder, it));
const DOCUMENTS = new Map(
  await Promise.all(
    ['README.md', 'CONTRIBUTING.md', ...(await inFolder('src')), ...(await inFolder('test'))].map(
      async (file) => [file, await readFile(ROOT + file, 'utf8')] as const,
    ),
  ),
);
const ALL = [...DOCUMENTS.values()].join('\n');
const blocks = (language: string): string[] =>
  [...ALL.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, 'gm'))].map(([, text = '']) => text);

/** Programs of the system that tests must not call: they print how they were called. */
const STUBS: Readonly<Record<string, string>> = {
  useradd: 'echo useradd "$@"',
  systemctl: 'echo systemctl "$@"',
  npx: 'echo npx "$@"',
  sudo: '[ "$1" = -u ] && shift 2 && exec "$@"',
  runuser: '[ "$1" = -u ] && [ "$3" = -- ] && shift 3 && exec "$@"',
};

/** A checkout: what a fresh clone has after `npm ci`, with a database of its own. */
async function checkout() {
  const folder = await tempFolder();
  for (const name of ['src', 'drizzle', 'package.json', 'node_modules']) await symlink(ROOT + name, folder.file(name));
  await copyFile(`${ROOT}src/csv/flats.csv`, folder.file('flats.csv'));
  await mkdir(folder.file('stubs'));
  for (const [name, script] of Object.entries(STUBS)) {
    await writeFile(folder.file(`stubs/${name}`), `#!/bin/sh\n${script}\n`);
    await chmod(folder.file(`stubs/${name}`), 0o755);
  }
  return folder;
}

/** Runs a program with this environment alone. */
async function run(program: string, args: readonly string[], cwd: string, env: Record<string, string>) {
  const child = spawn(program, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let out = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (it) => {
      out += it;
    });
  const [code] = await once(child, 'close');
  return { code: code as number | null, out };
}

const outerEnv = (): Record<string, string> => ({ ...shellEnv(), PATH: process.env['PATH'] ?? '' });

/** What changes a checkout or starts a service has a test of its own below. */
const SHELL_BLOCKS = blocks('sh').filter((it) => !/^git |^npm start .*&$/m.test(it));

/** A service with the sample flats, for the blocks that ask one, and a token for it. */
async function startSample() {
  const folder = await tempFolder();
  const database = folder.file('flats.db');
  await importSample(database);
  let token = '';
  {
    await using store = openStore({ file: database });
    const created = await createToken(store, 't', 'write');
    if (created.kind === 'created') token = created.token;
  }
  const server = await spawnServer(database);
  return {
    token,
    address: server.url.replace('http://', ''),
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      await folder[Symbol.asyncDispose]();
    },
  };
}

/** The sample flats in a database that nothing serves yet. */
async function importSample(database: string): Promise<void> {
  await using d = await desk();
  const { code } = await d.run(importFlats, [`${ROOT}src/csv/flats.csv`], {
    env: { DATABASE_URL: `file:${database}` },
  });
  expect(code).toBe(0);
}

async function runBlock(text: string, sample = { address: '', token: '' }): Promise<void> {
  await using folder = await checkout();
  const port = await freePort();
  const database = folder.file('data/intercom-flats.db');
  await mkdir(folder.file('data'));
  const env = { ...outerEnv(), PATH: `${folder.file('stubs')}:${process.env['PATH']}`, PORT: String(port) };
  if (/prune|backup/.test(text)) await importSample(database);
  const { address, token } = sample;
  const script = text
    // Installing is what comes before every test, and the tests are what is running.
    .replace(/^npm ci(?: --omit=dev)?( && |$)/gm, '')
    .replace(/^npm test$/gm, ':')
    .replaceAll('127.0.0.1:4000', address)
    .replaceAll('/opt/intercom-flats', folder.path)
    .replaceAll('/var/lib/intercom-flats/flats.db', database)
    .replaceAll(/\/etc\/(?:ssl|systemd\/system)/g, folder.path)
    .replace(/-X PATCH/g, `-X PATCH -H "Authorization: Bearer ${token}"`)
    // A service runs until somebody ends it.
    .replace(
      /^((?:[A-Z_]+=\S+ )*npm (?:start|run demo))$/gm,
      `{ $1 > started.log 2>&1 & pid=$!; until grep -q '"listening"' started.log; do sleep 0.1; done; kill $pid; wait $pid; grep -q '"stopping"' started.log; }`,
    );
  const { code, out } = await run('sh', ['-euc', script], folder.path, { ...env, TOKEN: token });
  expect({ code, out: out.includes('"errors"') ? out : '' }, out).toEqual({ code: 0, out: '' });
}

describe('the documents', () => {
  it('are all in the map of the root, which is short', () => {
    const root = DOCUMENTS.get('README.md') ?? '';
    expect(root.split('\n').length).toBeLessThan(150);
    expect([...DOCUMENTS.keys()].filter((it) => it !== 'README.md' && !root.includes(`](${it}`))).toEqual([]);
  });

  it('link only to what exists', () => {
    const slug = (heading: string) =>
      heading
        .toLowerCase()
        .replace(/[^\w -]/g, '')
        .replaceAll(' ', '-');
    const broken: string[] = [];
    for (const [file, text] of DOCUMENTS) {
      for (const [link, path = '', anchor] of text.matchAll(/\]\(([^)#:\s]*)(?:#([^)]+))?\)/g)) {
        const target = path === '' ? file : join(dirname(file), path);
        const headings = [...(DOCUMENTS.get(target) ?? '').matchAll(/^#+ (.+)$/gm)].map(([, it = '']) => slug(it));
        if (!existsSync(ROOT + target) || (anchor && !headings.includes(anchor))) broken.push(`${file}: ${link}`);
      }
    }
    expect(broken).toEqual([]);
  });

  it('have GraphQL samples that all work', async () => {
    const samples = blocks('graphql');
    expect(samples.length).toBeGreaterThan(9);
    for (const sample of samples) {
      await using world = await start({ flats: BUILDING });
      if (sample.startsWith('subscription')) {
        const stream = await subscribe(world.url, sample);
        await world.patch({ flat_id: 2, is_smartphone_sip_line_available: false });
        const [event] = (await take(stream, 1)) as { data: object }[];
        expect(Object.values(event?.data ?? {})).toMatchObject([{ flatId: '2' }]);
        stream.close();
        continue;
      }
      const answer = await world.gql(sample);
      expect([sample, answer.errors]).toEqual([sample, undefined]);
    }
  });
});

describe.concurrent('a block for the shell', () => {
  const asks = (text: string) => /curl/.test(text);
  for (const text of SHELL_BLOCKS.filter((it) => !asks(it))) {
    const program = text.includes('openssl') ? 'openssl' : 'sh';
    itNeeds(program, program)(`works: ${text.split('\n')[0]}`, () => runBlock(text));
  }

  itNeeds('curl', 'curl')('works when it asks the service', async () => {
    await using sample = await startSample();
    for (const text of SHELL_BLOCKS.filter(asks)) await runBlock(text, sample);
  });

  it('is there for every part of the work', () => {
    expect(SHELL_BLOCKS.length).toBeGreaterThan(12);
  });
});

itNeeds('curl', 'curl')('the path of a legacy integrator leads from a clone to a call that is answered', async () => {
  await using folder = await checkout();
  const port = await freePort();
  const [path = ''] = blocks('sh').filter((it) => /^npm start .*&$/m.test(it));
  const script = `trap 'kill $!' EXIT
${path.replace('npm ci\n', '').replace('127.0.0.1:4000', `127.0.0.1:${port}`).replace('curl', 'curl -s')}`;
  const { code, out } = await run('sh', ['-euc', script], folder.path, { ...outerEnv(), PORT: String(port) });
  expect([code, JSON.parse(out.split('\n').at(-1) ?? '')], out).toMatchObject([
    0,
    { id: 1, flat: 10, key_count: 2, properties: { is_analog_line_available: false } },
  ]);
  expect(path.trim().split('\n')).toHaveLength(5);
});

describe.concurrent('the upgrade', () => {
  itNeeds('curl git', 'curl git')('goes to the new version and back, as it is written', async () => {
    await using folder = await checkout();
    const port = await freePort();
    await mkdir(folder.file('data'));
    const DATABASE_URL = `file:${folder.file('data/flats.db')}`;
    const env = { ...outerEnv(), PATH: `${folder.file('stubs')}:${process.env['PATH']}`, PORT: String(port) };
    // A systemctl that starts and stops the service of this checkout.
    await writeFile(
      folder.file('stubs/systemctl'),
      `#!/bin/sh
case $1 in
start) DATABASE_URL=${DATABASE_URL} npm start >> service.log 2>&1 & echo $! > service.pid ;;
stop) kill $(cat service.pid); while kill -0 $(cat service.pid) 2>/dev/null; do sleep 0.05; done ;;
esac
`,
    );
    const [forth = '', back = '', ...more] = blocks('sh')
      .filter((it) => /^git /m.test(it))
      .map((it) =>
        it
          .replace(/^npm ci --omit=dev\n/m, '')
          .replaceAll('/opt/intercom-flats', folder.path)
          .replaceAll('/var/lib/intercom-flats', folder.file('data'))
          .replaceAll('127.0.0.1:4000', `127.0.0.1:${port}`),
      );
    expect(more).toEqual([]);
    const git = `git -c user.name=test -c user.email=test@localhost`;
    const prepare = `printf '*\\n!package.json\\n!VERSION\\n' > .gitignore
      git init -q -b main; echo 1 > VERSION; git add package.json VERSION; ${git} commit -qm 1
      git clone -q --bare . origin.git; git remote add origin "$PWD/origin.git"; git fetch -q; git branch -q -u origin/main
      echo 2 > VERSION; ${git} commit -qam 2; git push -q; git reset -q --hard HEAD~
      DATABASE_URL=${DATABASE_URL} node src/cli.ts import flats.csv
      systemctl start; until grep -q '"listening"' service.log; do sleep 0.05; done`;
    const patch = `curl -sS --fail -X PATCH http://127.0.0.1:${port}/api/v1/billing/intercom-flats -d '{"flat_id": 1, "is_analog_line_available": false}'`;
    const script = `trap 'systemctl stop' EXIT
${prepare}
${forth}
echo; echo "version $(cat VERSION)"
${patch}
${back}
until curl -s --fail http://127.0.0.1:${port}/health/ready; do sleep 0.05; done
echo; echo "version $(cat VERSION)"
${patch.replace(', "is_analog_line_available": false', '')}
`;
    const { code, out } = await run('sh', ['-euc', script], folder.path, env);
    expect(code, out).toBe(0);
    const analog = [...out.matchAll(/"is_analog_line_available":(\w+)/g)].map(([, value]) => value);
    const versions = [...out.matchAll(/^version (\d)$/gm)].map(([, value]) => value);
    expect({ versions, analog }, out).toEqual({ versions: ['2', '1'], analog: ['false', 'true'] });
  });
});

itNeeds('promtool', 'prometheus')('the scrape configuration is one that Prometheus takes', async () => {
  await using folder = await checkout();
  await writeFile(folder.file('token'), 'token');
  const [yaml = ''] = blocks('yaml');
  const config = yaml.replace('/etc/prometheus/intercom-flats.token', folder.file('token'));
  await writeFile(folder.file('prometheus.yml'), config);
  const { code, out } = await run('promtool', ['check', 'config', 'prometheus.yml'], folder.path, outerEnv());
  expect([code, out]).toEqual([0, expect.stringContaining('SUCCESS')]);
});

/** A line of a crontab as cron reads it: five fields, and a command in which a bare % ends the line and begins its input. */
function cronCommand(line: string): { fields: string[]; command: string; input: string } {
  const [, when = '', rest = ''] = /^((?:\S+\s+){5})(.*)$/.exec(line) ?? [];
  const [command = '', ...input] = rest.split(/(?<!\\)%/).map((it) => it.replaceAll('\\%', '%'));
  return { fields: when.trim().split(/\s+/), command, input: input.join('\n') };
}

describe.concurrent('a line for cron', () => {
  const lines = blocks('crontab').flatMap((text) => text.split('\n').filter((it) => it !== ''));

  it.each(lines)('works as cron would run it: %s', async (line) => {
    await using folder = await checkout();
    await mkdir(folder.file('data'));
    const database = folder.file('data/flats.db');
    await importSample(database);
    const { fields, command, input } = cronCommand(
      line.replaceAll('/opt/intercom-flats', folder.path).replaceAll('/var/lib/intercom-flats', folder.file('data')),
    );
    expect([fields.every((it) => /^(\*|\d+)$/.test(it)), fields.length, input]).toEqual([true, 5, '']);
    const env = { HOME: folder.path, LOGNAME: 'root', SHELL: '/bin/sh', PATH: '/usr/bin:/bin', TZ: 'UTC' };
    const backupOfToday = () => folder.file(`data/backup-${new Date().toISOString().slice(0, 10)}.db`);
    const backups = [backupOfToday()];
    const { code, out } = await run('/bin/sh', ['-c', command], folder.path, env);
    // Midnight may have passed.
    backups.push(backupOfToday());
    expect([code, JSON.parse(out)]).toMatchObject([0, { flats: 6 }]);
    expect(backups).toContain(JSON.parse(out).backup);
  });

  it('with a bare % would be cut there', () => {
    expect(cronCommand('1 2 * * * echo $(date +%F)')).toMatchObject({ command: 'echo $(date +', input: 'F)' });
    expect(lines.length).toBe(1);
  });
});

itNeeds('curl', 'curl')(
  'a log in a file is whole after logrotate has truncated it, when the file is appended to',
  async () => {
    await using folder = await checkout();
    const port = await freePort();
    const env = { ...outerEnv(), PORT: String(port), DATABASE_URL: `file:${folder.file('x.db')}` };
    expect(ALL).toContain('npm start >> service.log');
    const script = `npm start >> service.log & pid=$!
    until grep -q '"listening"' service.log; do sleep 0.1; done
    cp service.log service.log.1; : > service.log
    curl -s -o answer http://127.0.0.1:${port}/nothing
    until grep -q '"requestId"' service.log; do sleep 0.1; done
    kill $pid; wait $pid`;
    expect((await run('sh', ['-euc', script], folder.path, env)).code).toBe(0);
    const log = await readFile(folder.file('service.log'), 'utf8');
    expect(log.startsWith('{"level":30,')).toBe(true);
    expect(
      log
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line).msg),
    ).toEqual(['request', 'stopping']);
  },
);
