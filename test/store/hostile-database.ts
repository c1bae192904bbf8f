import Sqlite from 'better-sqlite3';
import type { FlatFilter } from '../../src/domain/flat-filter.ts';
import { createReader, type Reader } from '../../src/store/sqlite/read/query.ts';

/**
 * Fills a database with flats that no filter narrows as one would expect: a key, a user and a login prefix that all of them have,
 * others that half of them have, and none of those have both.
 */
export function fillHostile(
  file: string,
  { intercoms, flats }: { readonly intercoms: number; readonly flats: number },
): void {
  const client = new Sqlite(file);
  client.pragma('synchronous = OFF');
  client.exec(`
    create temp table n as with recursive n(i) as (select 0 union all select i + 1 from n where i < ${intercoms * flats - 1}) select i from n;
    insert into intercoms (id, title, title_folded) select i + 1, 'House ' || i, 'house ' || i from n where i < ${intercoms};
    insert into flats (intercom_id, flat, smartphone_sip, landline_sip, analog, version, updated_at)
      select 1 + i / ${flats}, 1 + i % ${flats}, i % 5 > 0, i % 2, i % 3 > 0, 1 + i % 2, 1000 + (i * 7919) % 120 from n;
    insert into users (id, login) values (1, 'all'), (2, 'half'), (3, 'few'), (4, 'half of the others');
    insert into keys (flat_id, code) select i + 1, 'ALL' from n;
    insert into keys (flat_id, code) select i + 1, 'HALF' from n where i % 2 = 0;
    insert into keys (flat_id, code) select i + 1, 'FEW' from n where i % 100 = 7;
    insert into flat_users (flat_id, user_id) select i + 1, 1 from n;
    insert into flat_users (flat_id, user_id) select i + 1, case i % 2 when 0 then 4 else 2 end from n;
    insert into flat_users (flat_id, user_id) select i + 1, 3 from n where i % 100 = 11`);
  client.close();
}

/** Filters that were slow, and pairs of them that leave nothing. */
export const HOSTILE_FILTERS: readonly (readonly [name: string, filter: Partial<FlatFilter>])[] = [
  ['key of all', { keyCode: 'ALL' }],
  ['user of all', { userLogin: 'all' }],
  ['login prefix of all', { userLoginPrefix: 'a' }],
  ['numbers of most', { flatFrom: 5, flatTo: 95 }],
  ['numbers of none', { flatFrom: 900, flatTo: 990 }],
  ['title of all', { intercomTitle: 'house' }],
  ['title of none', { intercomTitle: 'nowhere' }],
  ['changed since, all', { changedSince: 1 }],
  ['title of none, changed since', { intercomTitle: 'nowhere', changedSince: 1 }],
  ['numbers of none, changed since', { flatFrom: 900, changedSince: 1 }],
  ['key and user of all', { keyCode: 'ALL', userLogin: 'all' }],
  ['key of half, user of the other half', { keyCode: 'HALF', userLogin: 'half' }],
  ['key of half, prefix of the other half', { keyCode: 'HALF', userLogin: 'half', userLoginPrefix: 'half' }],
  ['intercom and login prefix', { intercomId: 7, userLoginPrefix: 'a' }],
  ['lines and key', { lines: { analog: false }, keyCode: 'HALF' }],
  ['lines and changed since', { lines: { analog: false, landlineSip: true }, changedSince: 1_060 }],
];

/** A reader of a file that reports how long each statement, or each snapshot, holds others up. */
export function openTimed(file: string): Disposable & { readonly reader: Reader; onStatement?: (ms: number) => void } {
  const client = new Sqlite(file, { readonly: true });
  const { rows, number, snapshot } = createReader(client);
  function measure<T>(read: () => T): T {
    // The time of the thread: a busy machine would make the time of the wall any length.
    const begun = process.threadCpuUsage();
    const result = read();
    const { user, system } = process.threadCpuUsage(begun);
    timed.onStatement?.((user + system) / 1e3);
    return result;
  }
  const timed: ReturnType<typeof openTimed> = {
    reader: {
      rows: (...it) => measure(() => rows(...it)),
      number: (...it) => measure(() => number(...it)),
      snapshot: (read) => measure(() => snapshot(read)),
    },
    [Symbol.dispose]: () => void client.close(),
  };
  return timed;
}
