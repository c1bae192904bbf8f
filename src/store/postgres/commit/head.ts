import { LINE_STATES } from '../../../domain/lines.ts';
import type { Values } from '../read/query.ts';
import { ConnectionLostError } from '../server/errors.ts';
import { text } from '../sql-text.ts';
import { changeLog, writers } from '../tables.ts';
import type { Mark, Session } from './writer.ts';

/** The clock of the server, or of a test: an instance whose own clock is ahead would move the time of the log for all. */
export const NOW = 'coalesce(@now::bigint, (extract(epoch from clock_timestamp()) * 1000)::bigint)';

const delta = (mask: number) => `delta${mask}`;

/** Adds to the counts of flats by the state of their lines; the values are those of `countValues`. */
export const COUNTS = `counts = array[${LINE_STATES.map((_, mask) => `counts[${mask + 1}] + @${delta(mask)}`).join(', ')}]`;

export const countValues = (deltas: readonly number[]): Values =>
  Object.fromEntries(deltas.map((by, mask) => [delta(mask), by]));

const COUNT = text`update ${changeLog} set ${COUNTS} where one`;

/** Counts flats that come and go. It locks the log to the end of the transaction, so it comes last. */
export async function countFlats({ run }: Session, deltas: readonly number[]): Promise<void> {
  if (deltas.some((it) => it !== 0)) await run(COUNT, countValues(deltas));
}

const MARK = text`update ${writers} set batch = @batch, base = 0, at = ${NOW} where id = @id and session = @session returning at`;

/** Marks a transaction that adds nothing to the log, and reads the clock. */
export async function markSession({ id, session, batch, run }: Session, now: number | null): Promise<Mark> {
  const [row] = (await run(MARK, { id, session, batch, now })).rows;
  if (!row) throw new ConnectionLostError('another connection has taken over');
  return { base: 0, at: row[0] as number };
}
