import type { Row } from '../../../domain/import-row.ts';
import { LINES } from '../../../domain/lines.ts';
import { toIntercom, toLines, toRow } from '../../rows.ts';
import { UnusableDatabaseError } from '../../store.ts';
import { INTERCOM_COLUMNS } from '../columns.ts';
import type { Connection } from '../server/connection.ts';
import { reasonOf } from '../server/errors.ts';
import { f, i, k, l, text, u } from '../sql-text.ts';
import { flats, flatUsers, intercoms, keys, users } from '../tables.ts';

/** Large enough that a trip for each batch costs little, and still small in memory. */
const BATCH_SIZE = 1_000;

const SQL = text`select ${INTERCOM_COLUMNS}, ${f.id}, ${f.flat},
  array(select ${k.code} from ${keys} ${k} where ${k.flatId} = ${f.id} order by ${k.code}),
  array(select ${u.login} from ${flatUsers} ${l} join ${users} ${u} on ${u.id} = ${l.userId}
    where ${l.flatId} = ${f.id} order by ${u.login}),
  ${LINES.map((line) => text`${f[line]}`).join(', ')}
  from ${intercoms} ${i} left join ${flats} ${f} on ${f.intercomId} = ${i.id}
  order by ${i.id}, ${f.flat}`;

/**
 * Every row of the database, in batches. A cursor in one transaction sees the database at one moment, however long it is read;
 * so its connection is its own.
 */
export async function* exportRows(connect: () => Promise<Connection>): AsyncGenerator<readonly Row[], void> {
  let connection: Connection | undefined;
  try {
    connection = await connect();
    await connection.query({ text: 'begin isolation level repeatable read read only' });
    await connection.query({ text: `declare all_rows no scroll cursor for ${SQL}` });
    for (;;) {
      const { rows } = await connection.query({ text: `fetch ${BATCH_SIZE} from all_rows` });
      if (rows.length === 0) return;
      yield rows.map(readRow);
    }
  } catch (error) {
    if (error instanceof UnusableDatabaseError) throw error;
    throw new UnusableDatabaseError(`Cannot read the database: ${reasonOf(error)}.`, { cause: error });
  } finally {
    connection?.close();
  }
}

function readRow(columns: readonly unknown[]): Row {
  const [flatId, flat, keys, users, ...lines] = columns.slice(5) as [
    ...[flatId: number | null, flat: number, keys: readonly string[], users: readonly string[]],
    ...lines: boolean[],
  ];
  return toRow(toIntercom(columns), flatId, { flat, lines: toLines(lines, 0), keys, users });
}
