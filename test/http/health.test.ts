import { renameSync, statSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { itNeeds, itOnFile } from '../support/it-needs.ts';
import { rows } from '../support/rows.ts';
import { smallDisk } from '../support/small-disk.ts';
import { BUILDING, STORE, start, type World } from '../support/start.ts';
import { until } from '../support/until.ts';

const READY = [200, { status: 'ok' }];
const UNREADY = [503, { status: 'unavailable' }];

async function ask(url: string, which: 'live' | 'ready', init: RequestInit = {}): Promise<unknown[]> {
  const response = await fetch(`${url}/health/${which}`, init);
  return [response.status, await response.json()];
}

/** The reasons that the operator was told. */
const reasons = ({ faults }: World) => faults.map((it) => JSON.parse(it).reason);

/** Waits until the answer is another one than the one that still holds. */
const becomes = (world: World, answer: unknown[]) =>
  until(async () => JSON.stringify(await ask(world.url, 'ready')) === JSON.stringify(answer));

describe('/health', () => {
  it('is open to everybody, whoever asks for whom', async () => {
    await using world = await start({ flats: BUILDING });
    await world.bearer('admin');
    const headers = { via: '1.1 proxy', 'x-forwarded-for': '192.0.2.1', authorization: 'Bearer nonsense' };
    expect(await ask(world.url, 'live', { headers })).toEqual(READY);
    expect(await ask(world.url, 'ready', { headers })).toEqual(READY);
    const head = await fetch(`${world.url}/health/ready`, { method: 'HEAD' });
    expect([head.status, await head.text(), head.headers.get('cache-control')]).toEqual([200, '', 'no-store']);
    const post = await fetch(`${world.url}/health/ready`, { method: 'POST' });
    expect([post.status, post.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
  });

  itOnFile('changes nothing, however often it is asked, and works no more than once a second', async () => {
    await using world = await start({ flats: BUILDING });
    const tables = () => ['change_log', 'flats', 'changes'].map((it) => rows(world.file, `select * from ${it}`));
    const before = tables();
    const asked = performance.now();
    await ask(world.url, 'ready');
    const written = () => statSync(`${world.file}-wal`).size;
    const first = written();
    await Promise.all(Array.from({ length: 200 }, () => ask(world.url, 'ready')));
    const seconds = Math.floor((performance.now() - asked) / 1_000);
    // Each look writes one page, with the head of its frame.
    expect((written() - first) / (4_096 + 24)).toBeLessThanOrEqual(seconds);
    expect(tables()).toEqual(before);
  });
});

describe.concurrent('the service is not ready', () => {
  it('while it drains, and live all the same', async () => {
    const draining = new AbortController();
    await using world = await start({ draining: draining.signal });
    expect(await ask(world.url, 'ready')).toEqual(READY);
    draining.abort();
    expect(await ask(world.url, 'ready')).toEqual(UNREADY);
    expect(await ask(world.url, 'live')).toEqual(READY);
    expect((await world.patch({ flat_id: 1 })).status).toBe(422);
  });

  itOnFile('when its file has another name, or another file has its name, until it is back', async () => {
    await using world = await start({ flats: BUILDING });
    renameSync(world.file, `${world.file}.away`);
    expect(await ask(world.url, 'ready')).toEqual(UNREADY);
    writeFileSync(world.file, '');
    await becomes(world, UNREADY);
    renameSync(`${world.file}.away`, world.file);
    await becomes(world, READY);
    expect(reasons(world)).toEqual(['the database file was moved, replaced or deleted']);
    expect(world.told.map((it) => JSON.parse(it).msg)).toEqual(['ready again']);
  });

  itOnFile('when its disk has too little room', async () => {
    await using world = await start({ minFreeBytes: 2 ** 60 });
    expect(await ask(world.url, 'ready')).toEqual(UNREADY);
    expect(await ask(world.url, 'ready')).toEqual(UNREADY);
    expect(reasons(world)).toEqual(['the disk of the database has too little room left']);
  });

  it('when a newer version has changed the tables', async () => {
    await using world = await start();
    const table = STORE === 'postgres' ? 'schema_migrations' : '__drizzle_migrations (hash, created_at)';
    await world.run(`insert into ${table} values ('x', 9999999999999)`);
    expect(await ask(world.url, 'ready')).toEqual(UNREADY);
    expect(reasons(world)).toEqual([expect.stringMatching('written by a newer version')]);
  });

  it('when another process keeps the database locked, but not for a moment of that', async () => {
    await using world = await start({ lockTimeoutMs: 2_000 });
    expect(await ask(world.url, 'ready')).toEqual(READY);
    const lock = await world.lock();
    // The answer that held is too old by now, and a new one waits for the lock.
    await new Promise((resolve) => setTimeout(resolve, 1_100));
    expect(await ask(world.url, 'ready')).toEqual(READY);
    await becomes(world, UNREADY);
    await lock[Symbol.asyncDispose]();
    await becomes(world, READY);
    expect(reasons(world)).toEqual([expect.stringMatching('keeps the database locked')]);
  });

  itNeeds('mount', 'root')('when its disk is full', async () => {
    await using disk = await smallDisk(1_024);
    if (!disk) return;
    await using world = await start({ file: disk.file('flats.db') });
    expect(await ask(world.url, 'ready')).toEqual(READY);
    try {
      writeFileSync(disk.file('filler'), Buffer.alloc(2 ** 20));
    } catch {
      // As much as it takes.
    }
    await becomes(world, UNREADY);
    expect(reasons(world)).toEqual(['the disk of the database has too little room left']);
  });
});
