import { openPostgres, type PostgresOptions } from '../../src/store/postgres/open.ts';
import { type Address, parseAddress } from '../../src/store/postgres/server/address.ts';
import type { Store } from '../../src/store/store.ts';
import type { StoreWorld } from '../store/contract.ts';
import { newDatabase, query } from './postgres.ts';

export function addressOf(url: string): Address {
  const address = parseAddress(url, {});
  if (typeof address === 'string') throw new Error(address);
  return address;
}

export const openPostgresStore = (url: string, options: Partial<PostgresOptions> = {}): Promise<Store> =>
  openPostgres({
    address: addressOf(url),
    instance: 'test',
    connections: 4,
    // Tests that wait for its end set a shorter one.
    patienceMs: 60_000,
    readTimeoutMs: 60_000,
    maxWaiting: 20_000,
    now: undefined,
    onStorage: () => {},
    onClockBack: () => {},
    onWait: () => {},
    onCommit: () => {},
    ...options,
  });

const EMPTY = `delete from flats; delete from intercoms; delete from users; delete from changes; delete from provision_changes;
  delete from change_set_runs; delete from clock_steps; delete from tokens; delete from writers; alter sequence tokens_id_seq restart; update ids set intercom = 0, flat = 0;
  update change_log set seq = 0, last_time = 0, time_before = 0, counts = '{0,0,0,0,0,0,0,0}';
  update database_state set pruned_to = 0, tokens_version = tokens_version + 1`;

/** Opens worlds on one database, one after the other; each begins with an empty one. */
export function postgresWorlds(): () => Promise<StoreWorld> {
  let database: Promise<string> | undefined;
  return async () => {
    const isFirst = database === undefined;
    database ??= newDatabase();
    const url = await database;
    if (!isFirst) await query(url, EMPTY);
    const world: StoreWorld = {
      now: 1_000,
      store: await openPostgresStore(url, { now: () => world.now }),
      [Symbol.asyncDispose]: () => world.store[Symbol.asyncDispose](),
    };
    return world;
  };
}
