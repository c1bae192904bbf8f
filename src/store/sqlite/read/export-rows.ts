import Sqlite, { SqliteError } from 'better-sqlite3';
import type { Row } from '../../../domain/import-row.ts';
import { LINES } from '../../../domain/lines.ts';
import { toIntercom, toLines, toRow } from '../../rows.ts';
import { UnusableDatabaseError } from '../../store.ts';
import { INTERCOM_COLUMNS } from '../columns.ts';
import { errorText } from '../file/errors.ts';
import { f, i, k, l, text, u } from '../sql-text.ts';
import { flats, flatUsers, intercoms, keys, users } from '../tables.ts';
import { VISIBLE_FLAT, VISIBLE_INTERCOM } from './visible.ts';

/** Large enough that passing a batch on costs nothing, and still small in memory. */
const BATCH_SIZE = 500;
/** Between names, none of which holds a control character. */
const SEPARATOR = '\u001f';

const SQL = text`select ${INTERCOM_COLUMNS}, ${f.id}, ${f.flat},
  (select group_concat(code, char(31)) from (select ${k.code} as code from ${keys} ${k} where ${k.flatId} = ${f.id} order by ${k.code})),
  (select group_concat(login, char(31)) from (select ${u.login} as login from ${flatUsers} ${l} cross join ${users} ${u} on ${u.id} = ${l.userId}
    where ${l.flatId} = ${f.id} order by ${u.login})),
  ${LINES.map((line) => text`${f[line]}`).join(', ')}
  from ${intercoms} ${i} left join ${flats} ${f} indexed by flats_intercom_flat on ${f.intercomId} = ${i.id} and ${VISIBLE_FLAT}
  where ${VISIBLE_INTERCOM} order by ${i.id}, ${f.flat}`;

/**
 * Every row of the file, in batches. One statement sees the database at one moment, however long it is read. Its
 * connection is its own: one that is being read from can do nothing else.
 */
export async function* exportRows(file: string): AsyncGenerator<readonly Row[], void> {
  const client = new Sqlite(file, { readonly: true });
  try {
    let batch: Row[] = [];
    for (const columns of client.prepare(SQL).raw().iterate()) {
      batch.push(readRow(columns as unknown[]));
      if (batch.length < BATCH_SIZE) continue;
      yield batch;
      batch = [];
    }
    if (batch.length > 0) yield batch;
  } catch (error) {
    if (!(error instanceof SqliteError)) throw error;
    throw new UnusableDatabaseError(`Cannot read the database ${file}: ${errorText(error)}.`, { cause: error });
  } finally {
    client.close();
  }
}

function readRow(columns: readonly unknown[]): Row {
  const [flatId, flat, keys, users, ...lines] = columns.slice(5) as [
    ...[flatId: number | null, flat: number, keys: string | null, users: string | null],
    ...lines: number[],
  ];
  return toRow(toIntercom(columns), flatId, { flat, lines: toLines(lines, 0), keys: split(keys), users: split(users) });
}

const split = (names: string | null): readonly string[] => names?.split(SEPARATOR) ?? [];
