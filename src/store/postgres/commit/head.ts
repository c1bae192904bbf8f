import type { Origin, ProvisionDraft } from '../../../domain/change.ts';
import { LINE_STATES } from '../../../domain/lines.ts';
import { detailsOf } from '../../rows.ts';
import type { Values } from '../read/query.ts';
import { ConnectionLostError } from '../server/errors.ts';
import { names, text } from '../sql-text.ts';
import { changeLog, clockSteps, provisionChanges, writers } from '../tables.ts';
import type { Transaction } from './transactions.ts';
import type { Mark, Session } from './writer.ts';

/** The clock of the server, or of a test: an instance whose own clock is ahead would move the time of the log for all. */
export const NOW = 'coalesce(@now::bigint, (extract(epoch from clock_timestamp()) * 1000)::bigint)';

const delta = (mask: number) => `delta${mask}`;

/** Adds to the counts of flats by the state of their lines; the values are those of `countValues`. */
export const COUNTS = `counts = array[${LINE_STATES.map((_, mask) => `counts[${mask + 1}] + @${delta(mask)}`).join(', ')}]`;

export const countValues = (deltas: readonly number[]): Values =>
  Object.fromEntries(deltas.map((by, mask) => [delta(mask), by]));

const COUNT = text`update ${changeLog} set ${COUNTS} where one`;

const LOGGED = [
  ...[provisionChanges.seq, provisionChanges.changedAt, provisionChanges.actor, provisionChanges.channel],
  ...[provisionChanges.reason, provisionChanges.kind, provisionChanges.intercomId, provisionChanges.flatId],
  ...[provisionChanges.flat, provisionChanges.details],
];
/** Takes the next seqs of the log; the row of the head stays locked to the end of the transaction. */
export const TAKE_SEQS = text`update ${changeLog} set seq = seq + @count, time_before = last_time, last_time = ${NOW}, ${COUNTS}
  where one returning seq - @count as base, last_time as at, time_before - last_time as behind`;
/** Records where the clock went back. */
export const RECORD_STEP = text`insert into ${clockSteps} select base + 1 from head where behind > 0 and base > 0`;

const LOG = text`with head as (${TAKE_SEQS}),
  logged as (
    insert into ${provisionChanges} (${names(LOGGED)})
      select head.base + given.place, head.at, @actor, @channel, given.reason, given.kind, given.intercom_id, given.flat_id, given.flat,
        given.details
      from head, unnest(@reasons::text[], @kinds::text[], @intercomIds::bigint[], @flatIds::bigint[], @numbers::bigint[], @details::text[])
        with ordinality as given(reason, kind, intercom_id, flat_id, flat, details, place)
  ),
  stepped as (${RECORD_STEP})
  select base from head`;

/** Counts flats that come and go, and writes what happened into the log. It locks the log to the end of the transaction, so it comes last. */
export async function logProvisions(
  { run, now, logged }: Transaction,
  origin: Origin,
  drafts: readonly ProvisionDraft[],
  deltas: readonly number[] = NO_DELTAS,
): Promise<void> {
  if (drafts.length === 0) {
    if (deltas.some((it) => it !== 0)) await run(COUNT, countValues(deltas));
    return;
  }
  const ofFlat = drafts.map((it) => ('flatId' in it ? it : undefined));
  const { rows } = await run(LOG, {
    ...{ count: drafts.length, now, actor: origin.actor, channel: origin.channel, ...countValues(deltas) },
    reasons: drafts.map((it) => it.reason),
    kinds: drafts.map((it) => it.kind),
    intercomIds: drafts.map((it) => it.intercomId),
    flatIds: ofFlat.map((it) => it?.flatId ?? null),
    numbers: ofFlat.map((it) => it?.flat ?? null),
    details: drafts.map((it) => JSON.stringify(detailsOf(it))),
  });
  logged((rows[0]?.[0] as number) + drafts.length);
}

const NO_DELTAS = LINE_STATES.map(() => 0);

const MARK = text`update ${writers} set batch = @batch, base = 0, at = ${NOW} where id = @id and session = @session returning at`;

/** Marks a transaction that adds nothing to the log, and reads the clock. */
export async function markSession({ id, session, batch, run }: Session, now: number | null): Promise<Mark> {
  const [row] = (await run(MARK, { id, session, batch, now })).rows;
  if (!row) throw new ConnectionLostError('another connection has taken over');
  return { base: 0, at: row[0] as number };
}
