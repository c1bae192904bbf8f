import { execFile } from 'node:child_process';
import { createServer } from 'node:http';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { rows } from '../support/rows.ts';
import { spawnNode } from '../support/spawn.ts';
import { tempFolder } from '../support/temp-folder.ts';

const run = promisify(execFile);

/** The links and the curl command as the demo printed them. */
function printedBy(stdout: string) {
  const [console = '', graphiql = ''] = stdout.match(/^http.*$/gm) ?? [];
  return { curl: /^curl (?:.*\\\n)*.*$/m.exec(stdout)?.[0] ?? '', console, graphiql };
}

it('prints the address of the console first, a curl command and a link, which all work, and works again when it is run again', async () => {
  await using folder = await tempFolder();
  for (const _ of ['first', 'again']) {
    await using demo = spawnNode('src/cli.ts', ['demo'], { PORT: '0', LOG_LEVEL: 'silent' }, folder.path);
    await demo.printed(/Ctrl\+C stops it/);
    const { curl, console, graphiql } = printedBy(demo.stdout());
    const { stdout } = await run('sh', ['-c', curl]);
    expect(JSON.parse(stdout)).toEqual({
      id: 10,
      flat: 10,
      key_count: 2,
      users_count: 1,
      intercom_id: 1,
      properties: {
        is_smartphone_sip_line_available: true,
        is_landline_sip_line_available: true,
        is_analog_line_available: false,
      },
    });
    expect(new URL(console).pathname).toBe('/console/');
    expect((await fetch(console)).status).toBe(200);
    const page = await fetch(graphiql, { headers: { accept: 'text/html' } });
    expect(await page.text()).toContain('YogaGraphiQL.renderYogaGraphiQL');
    demo.child.kill('SIGINT');
    expect(await demo.exit).toMatchObject({ code: 0, stderr: '' });
  }
  const inDatabase = (sql: string) => rows(folder.file('data/demo.db'), sql);
  expect(inDatabase('select count(*) flats from flats')).toEqual([{ flats: 624 }]);
  expect(inDatabase('select flat, after_analog from changes where intercom_id = 1')).toEqual([
    { flat: 10, after_analog: 0 },
  ]);
  // A day of history, in the order of its time; once.
  expect(inDatabase('select actor, reason from changes where flat = 117 and intercom_id = 3 order by seq')).toEqual([
    { actor: 'boris', reason: 'handset broken, landline cancelled' },
    { actor: 'anna', reason: 'phone lost' },
  ]);
  expect(
    inDatabase(
      'select count(*) rows from (select changed_at - lag(changed_at) over (order by seq) step from changes) where step < 0',
    ),
  ).toEqual([{ rows: 0 }]);
});

it('takes another port when 4000 is taken', async () => {
  await using folder = await tempFolder();
  const other = createServer();
  const blocked = new Promise<void>((resolve) => {
    other.once('error', () => resolve()).listen(4000, '127.0.0.1', () => resolve());
  });
  await blocked;
  await using demo = spawnNode('src/cli.ts', ['demo'], { LOG_LEVEL: 'silent' }, folder.path);
  await demo.printed(/Ctrl\+C stops it/);
  expect(demo.stdout()).toContain('Port 4000 is taken; taking another one.');
  expect((await fetch(printedBy(demo.stdout()).graphiql)).status).not.toBe(404);
  other.close();
});
