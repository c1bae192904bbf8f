import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, constants, openSync, readFileSync, readSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { DrizzleQueryError } from 'drizzle-orm';
import { GraphQLError, parse } from 'graphql';
import { describe, expect, it } from 'vitest';
import { faultFields } from '../src/telemetry/fault-fields.ts';
import { createLogSink } from '../src/telemetry/log-sink.ts';
import { COMPILE_CACHE } from './support/compile-cache.ts';
import { freePort } from './support/free-port.ts';
import { rawClient } from './support/raw-client.ts';
import { tempFolder } from './support/temp-folder.ts';
import { until } from './support/until.ts';

const SRC = fileURLToPath(new URL('../src/', import.meta.url));

async function ask(url: string, count: number): Promise<void> {
  using client = rawClient(url, true, 'X-Request-Id: mine\r\n');
  for (let i = 0; i < count; i++) expect(await client.send('GET', '/nothing', '')).toMatchObject({ status: 404 });
}

const linesOf = (text: string) => text.split('\n').filter((it) => it.includes('"requestId":"mine"')).length;

/** The server, once it answers, whose log nobody reads yet. */
async function serverInto(folder: { file(name: string): string }) {
  const port = await freePort();
  const env = {
    PATH: process.env['PATH'] ?? '',
    DATABASE_URL: `file:${folder.file('x.db')}`,
    PORT: String(port),
    ...COMPILE_CACHE,
  };
  const child = spawn(process.execPath, [`${SRC}server.ts`], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  const exit = once(child, 'exit');
  const url = `http://127.0.0.1:${port}`;
  await until(() =>
    fetch(`${url}/health/live`).then(
      ({ ok }) => ok,
      () => false,
    ),
  );
  return { child, exit, url };
}

/** A program that writes 500 lines of requests, and ends in this way. */
const program = (end: string) => `import { createLog } from '${SRC}telemetry/log.ts';
  const end = { id: 'mine', door: 'rest', actor: 'x', method: 'GET', outcome: 'ok', ms: 1, isStream: false };
  const { request } = createLog('info');
  for (let i = 0; i < 500; i++) request(end);
  ${end}`;

describe('no line is lost', () => {
  it.each([
    ['ends', '', 0],
    ['ends in the middle', 'process.exit(143)', 143],
    ['dies of a fault', "throw new Error('bad')", 1],
  ])('when the process %s', async (_, end, code) => {
    await using folder = await tempFolder();
    const run = (stdout: number | 'pipe') =>
      spawnSync(process.execPath, ['--input-type=module', '-e', program(end)], {
        encoding: 'utf8',
        stdio: ['ignore', stdout, 'pipe'],
      });
    const { status, stdout } = run('pipe');
    expect([status, linesOf(stdout)]).toEqual([code, 500]);
    expect(run(openSync(folder.file('log'), 'a')).status).toBe(code);
    expect(linesOf(readFileSync(folder.file('log'), 'utf8'))).toBe(500);
    expect(run(openSync('/dev/null', 'w')).status).toBe(code);
  });

  it('when its reader is behind, which holds nobody up, nor at SIGTERM', async () => {
    await using folder = await tempFolder();
    const server = await serverInto(folder);
    await ask(server.url, 1_500);
    let text = '';
    server.child.stdout?.setEncoding('utf8').on('data', (piece) => {
      text += piece;
    });
    await until(() => linesOf(text) === 1_500);
    await ask(server.url, 20);
    server.child.kill('SIGTERM');
    expect(await server.exit).toEqual([0, null]);
    expect([linesOf(text), JSON.parse(text.trimEnd().split('\n').at(-1) as string).msg]).toEqual([1_520, 'stopping']);
  });
});

describe('the service goes on', () => {
  it('when nobody reads its log any more', async () => {
    await using folder = await tempFolder();
    const server = await serverInto(folder);
    server.child.stdout?.destroy();
    await ask(server.url, 500);
    server.child.kill('SIGTERM');
    expect(await server.exit).toEqual([0, null]);
  });

  it('when its reader is stuck: it keeps some megabytes, and counts what it drops', async () => {
    await using folder = await tempFolder();
    spawnSync('mkfifo', [folder.file('pipe')]);
    const pipe = openSync(folder.file('pipe'), constants.O_RDWR | constants.O_NONBLOCK);
    const sink = createLogSink(pipe, (lines) => `dropped ${lines}\n`);
    const line = `${'x'.repeat(999)}\n`;
    const written = 6_000;
    for (let i = 0; i < written; i++) sink.write(line);
    // A flush that waited for the reader would do so each time; a pause of the machine does not come each time.
    const times = Array.from({ length: 5 }, () => {
      const asked = performance.now();
      sink.flush();
      return performance.now() - asked;
    });
    expect(Math.min(...times)).toBeLessThan(500);
    let text = '';
    const buffer = Buffer.alloc(65_536);
    await until(() => {
      sink.flush();
      text += buffer.toString('latin1', 0, readSync(pipe, buffer));
      return text.includes('dropped');
    });
    closeSync(pipe);
    const whole = text.split('\n').filter((it) => it.length === 999).length;
    expect(text.endsWith(`dropped ${written - whole}\n`)).toBe(true);
    expect(whole).toBeGreaterThan(4_000);
  });
});

describe('what the log says of a fault', () => {
  it('is what it is and where it came from', () => {
    const cause = Object.assign(new RangeError('deep'), { code: 'ERR_DEEP', secret: 'x' });
    const fault = new Error('bad', { cause });
    expect(faultFields(fault)).toEqual({
      ...{ type: 'Error', message: 'bad', stack: fault.stack },
      cause: { type: 'RangeError', message: 'deep', code: 'ERR_DEEP', stack: cause.stack },
    });
  });

  it('is nothing that it carries', () => {
    const faults = [
      new GraphQLError('bad', { extensions: { variables: 'CANARY' }, nodes: parse('{ CANARY }').definitions }),
      new DrizzleQueryError('select ?', ['CANARY'], new Error('no such table: x')),
      Object.assign(new Error('bad'), { body: 'CANARY' }),
      { message: 'CANARY' },
      'CANARY',
    ];
    expect(JSON.stringify(faults.map((it) => faultFields(it)))).not.toContain('CANARY');
  });
});
