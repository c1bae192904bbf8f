import { randomBytes } from 'node:crypto';
import { text } from '../sql-text.ts';
import { databaseState } from '../tables.ts';
import type { Connection } from './connection.ts';

const OWN = `(select system_identifier from pg_control_system()) || '/' ||
  (select oid from pg_database where datname = current_database())`;

/** A database that was restored from a dump, or copied, is another one by this, and gets an epoch of its own. */
const RENEW = text`update ${databaseState} set epoch = $1::text, identity = ${OWN} where one and identity <> ${OWN}`;
const EPOCH = text`select ${databaseState.epoch} from ${databaseState} where one`;

/** The epoch of the change log. */
export async function readEpoch(connection: Connection): Promise<string> {
  await connection.query({ text: RENEW, values: [randomBytes(8).toString('hex')] });
  const [row] = (await connection.query({ text: EPOCH })).rows;
  return row?.[0] as string;
}
