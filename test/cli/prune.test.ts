import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { run } from '../../src/cli/commands/prune.ts';
import { formatCursor } from '../../src/graphql/schema/shared/cursors.ts';
import { openStore } from '../../src/store/open.ts';
import { connect } from '../../src/store/sqlite/file/connect.ts';
import { epochOf } from '../support/everything.ts';
import { forgetImports } from '../support/forget-imports.ts';
import { underLoad } from '../support/load.ts';
import { TESTER } from '../support/origin.ts';
import { rows } from '../support/rows.ts';
import { type Desk, desk } from '../support/run-cli.ts';
import { spawnNode, spawnServer } from '../support/spawn.ts';
import { subscribe } from '../support/sse.ts';
import { BUILDING } from '../support/start.ts';

const DAY = 86_400_000;
const FOLLOW = 'subscription ($after: String) { intercomFlatChanged(after: $after) { cursor flatId } }';

/** A log with so many changes of 500 days ago, and then so many of one day ago; the flats have ids from 1 to 3. */
async function fill(d: Desk, old: number, recent: number): Promise<void> {
  {
    await using store = openStore({ file: d.database });
    await store.importRows(TESTER, BUILDING);
  }
  forgetImports(d.database);
  const client = connect(d.database);
  const add = client.prepare(
    `with recursive n(i) as (select 1 union all select i + 1 from n where i < ?)
     insert into changes (changed_at, actor, channel, flat_id, intercom_id, flat, before_smartphone_sip,
       before_landline_sip, before_analog, after_smartphone_sip, after_landline_sip, after_analog)
     select ?, 'local', 'REST', 1, 1, 10, 1, 1, 1, 1, 1, 0 from n where i <= ?`,
  );
  for (const [count, age] of [
    [old, 500],
    [recent, 1],
  ] as const) {
    add.run(count, Date.now() - age * DAY, count);
  }
  client.close();
}

const log = (d: Desk) => rows(d.database, 'select min(seq) first, max(seq) last, count(*) n from changes')[0];
const prunedTo = (d: Desk) => rows(d.database, 'select pruned_to from change_log');
const cursorsOf = (d: Desk) => {
  const epoch = epochOf(d.database);
  return (seq: number) => formatCursor({ epoch, seq });
};

describe('npm run prune', () => {
  it('takes old changes out while the server goes on, and loses no change of a follower', async () => {
    await using d = await desk();
    await fill(d, 12_000, 5);
    const cursor = cursorsOf(d);
    await using server = await spawnServer(d.database);
    const follower = await subscribe(server.url, FOLLOW, { after: cursor(12_000) });
    const seen: unknown[] = [];
    const following = (async () => {
      for await (const { data } of follower.events) seen.push(data as { intercomFlatChanged?: { cursor: string } });
    })().catch(() => {});
    await using load = underLoad(server.url, 3, 2);
    await load.more(20);
    const { code, out, err } = await d.start('prune', '--older-than', '400d', '--json').ended;
    expect([code, err]).toEqual([0, '']);
    expect(JSON.parse(out)).toMatchObject({ pruned: 12_000, dryRun: false, interrupted: false });
    await load.more(20);
    await load.stop();

    const { last } = log(d) as { last: number };
    expect([log(d), prunedTo(d)]).toEqual([{ first: 12_001, last, n: last - 12_000 }, [{ pruned_to: 12_000 }]]);
    while (seen.length < last - 12_000) await sleep(5);
    expect(seen.map((it) => (it as { intercomFlatChanged: { cursor: string } }).intercomFlatChanged.cursor)).toEqual(
      Array.from({ length: last - 12_000 }, (_, i) => cursor(12_001 + i)),
    );
    follower.close();
    await following;
  });

  it('stops between two commits at SIGINT, and the next one does the rest', async () => {
    await using d = await desk();
    await fill(d, 60_000, 1);
    // Each commit takes long, so that the signal comes in time.
    const client = connect(d.database);
    client.exec(`create trigger slow after delete on changes when old.seq % 500 = 0 begin
      select count(*) from (select 1 from changes a, changes b limit 1000000); end`);
    client.close();
    const prune = spawnNode('src/cli.ts', ['prune', '--older-than', '9000h'], { DATABASE_URL: `file:${d.database}` });
    const done = () => (prunedTo(d) as { pruned_to: number }[])[0]?.pruned_to as number;
    while (done() === 0) await sleep(1);
    prune.child.kill('SIGINT');
    expect(await prune.exit).toMatchObject({
      code: 130,
      stderr: 'Interrupted: what is taken out stays out; run it again for the rest.\n',
    });
    const pruned = done();
    expect(pruned).toBeLessThan(60_000);
    expect(log(d)).toEqual({ first: pruned + 1, last: 60_001, n: 60_001 - pruned });
    const other = connect(d.database);
    other.exec('drop trigger slow');
    other.close();
    expect((await d.run(run, ['--older-than', '9000h'])).code).toBe(0);
    expect(log(d)).toEqual({ first: 60_001, last: 60_001, n: 1 });
  });

  it('tells what it would do in a dry run, and always keeps the newest change', async () => {
    await using d = await desk();
    await fill(d, 30, 0);
    const told = (first: string, pruned: number, kept: number) =>
      new RegExp(`^${first}before: \\d{4}-.*Z\ntaken out: ${pruned}\nkept: ${kept}\n$`);
    const dry = await d.run(run, ['--older-than', '9w', '--dry-run']);
    expect(dry).toMatchObject({
      ...{ code: 0, err: '' },
      out: expect.stringMatching(told('Dry run, nothing was changed. The prune would give:\n', 29, 1)),
    });
    expect(log(d)).toEqual({ first: 1, last: 30, n: 30 });
    for (const [pruned, kept] of [
      [29, 1],
      [0, 1],
    ] as const) {
      expect(await d.run(run, ['--older-than', '9w'])).toMatchObject({
        ...{ code: 0, err: '' },
        out: expect.stringMatching(told('', pruned, kept)),
      });
    }
    expect([log(d), prunedTo(d)]).toEqual([{ first: 30, last: 30, n: 1 }, [{ pruned_to: 29 }]]);
  });

  it.each([
    [[], 'Say how old the changes are that go, like --older-than 400d.'],
    ...['', '0d', '400', '-1d', '1.5d', '4 00d', '10m', '1000000d', 'd'].map((age) => [
      [`--older-than=${age}`],
      `--older-than must be a whole number from 1 to 999999 and h, d or w, like 400d; it is ${JSON.stringify(age)}.`,
    ]),
    [['--older-than', '4d', 'x'], "Unexpected argument 'x'"],
  ] as [string[], string][])('tells the usage when it is called with %j', async (args, told) => {
    await using d = await desk();
    const { code, out, err } = await d.run(run, args);
    expect([code, out, err.startsWith(told), err.includes('Usage: npm run prune')]).toEqual([2, '', true, true]);
    expect(await d.files()).toEqual([]);
  });

  it('does not make a database that is missing', async () => {
    await using d = await desk();
    expect(await d.run(run, ['--older-than', '400d'])).toEqual({
      ...{ code: 1, out: '' },
      err: `No database at ${d.database}; set DATABASE_URL to another one.\n`,
    });
    expect(await d.files()).toEqual([]);
  });
});
