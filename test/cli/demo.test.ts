import { execFile } from 'node:child_process';
import { createServer } from 'node:http';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { rows } from '../support/rows.ts';
import { spawnNode } from '../support/spawn.ts';
import { tempFolder } from '../support/temp-folder.ts';

const run = promisify(execFile);

/** The curl command and the link as the demo printed them. */
const printedBy = (stdout: string) => ({
  curl: /^curl (?:.*\\\n)*.*$/m.exec(stdout)?.[0] ?? '',
  link: /^http.*$/m.exec(stdout)?.[0] ?? '',
});

it('prints a curl command and a link that both work, and works again when it is run again', async () => {
  await using folder = await tempFolder();
  for (const _ of ['first', 'again']) {
    await using demo = spawnNode('src/cli.ts', ['demo'], { PORT: '0', LOG_LEVEL: 'silent' }, folder.path);
    await demo.printed(/Ctrl\+C stops it/);
    const { curl, link } = printedBy(demo.stdout());
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
    const page = await fetch(link, { headers: { accept: 'text/html' } });
    expect(await page.text()).toContain('YogaGraphiQL.renderYogaGraphiQL');
    demo.child.kill('SIGINT');
    expect(await demo.exit).toMatchObject({ code: 0, stderr: '' });
  }
  expect(rows(folder.file('data/demo.db'), 'select count(*) flats from flats')).toEqual([{ flats: 40 }]);
  expect(rows(folder.file('data/demo.db'), 'select flat, after_analog from changes')).toEqual([
    { flat: 10, after_analog: 0 },
  ]);
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
  expect((await fetch(printedBy(demo.stdout()).link)).status).not.toBe(404);
  other.close();
});
