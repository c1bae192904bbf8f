import { appendFileSync, chownSync, rmSync } from 'node:fs';
import { expect } from 'vitest';
import { ALL_AVAILABLE } from '../../src/domain/lines.ts';
import type { Update } from '../../src/domain/update-flat.ts';
import type { StorageError } from '../../src/store/store.ts';
import { itNeeds } from '../support/it-needs.ts';
import { TESTER } from '../support/origin.ts';
import { NO_POSTGRES, POSTGRES_BIN, query, RUN_AS, startCluster } from '../support/postgres.ts';
import { openPostgresStore } from '../support/postgres-world.ts';
import { smallDisk } from '../support/small-disk.ts';
import { until } from '../support/until.ts';

const FLATS = 1_000;
/** For a new database, and the flats. */
const DISK_KB = 24_576;

const setAll = (analog: boolean): Update[] =>
  Array.from({ length: FLATS }, (_, i) => ({
    ...{ ref: { by: 'id', flatId: i + 1 }, patch: { analog }, acceptedVersions: undefined, reason: null },
  }));

itNeeds('mount', 'root')(
  'a full disk of the server is told as that, reads go on, and writes come back by themselves',
  async (context) => {
    if (POSTGRES_BIN === undefined) return context.skip(NO_POSTGRES);
    const disk = await smallDisk(DISK_KB);
    if (!disk) return context.skip('this user may not mount a small file system');
    // A server of its own: any session may have to write a page of the full disk, and fails then.
    const cluster = await startCluster();
    const server = cluster.url();
    const name = 'small';
    const filler = `${disk.path}/filler`;
    if (RUN_AS.uid !== undefined) chownSync(disk.path, RUN_AS.uid, RUN_AS.gid as number);
    await query(server, `create tablespace ${name} location '${disk.path}'`);
    await query(server, `create database ${name} tablespace ${name}`);
    try {
      await using store = await openPostgresStore(server.replace(/\/[^/]*$/, `/${name}`));
      const draft = { title: 'T', externalId: null, reason: null, lines: ALL_AVAILABLE };
      await store.addIntercom(TESTER, { ...draft, range: { from: 1, to: FLATS } });
      const outcomeOf = (write: Promise<unknown>) =>
        write.then(
          () => 'ok',
          (error: StorageError) => error.problem,
        );
      let analog = true;
      const write = async () => {
        analog = !analog;
        return outcomeOf(store.amend({ actor: 'tester', channel: 'CLI' }, setAll(analog)));
      };
      expect(await write()).toBe('ok');
      // A server whose disk is full may refuse a new connection; those that are there read on.
      const version = async () => (await store.findFlat({ by: 'id', flatId: 1 }))?.version;
      expect(await version()).toBe(2);
      expect(() => {
        for (;;) appendFileSync(filler, Buffer.alloc(4_096));
      }).toThrow('ENOSPC');
      // It takes what room its files have left.
      await until(async () => (await write()) === 'full');
      expect(await outcomeOf(store.addIntercom(TESTER, { ...draft, range: { from: 1, to: FLATS } }))).toBe('full');
      expect(store.problem()).toBe('the database cannot be written: its disk is full');
      expect(await version()).toBeGreaterThan(1);
      rmSync(filler);
      await until(async () => (await write()) === 'ok');
      expect(store.problem()).toBeUndefined();
    } finally {
      await cluster[Symbol.asyncDispose]();
      await disk[Symbol.asyncDispose]();
    }
  },
);
