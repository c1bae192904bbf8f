import type { Origin, ProvisionDraft } from '../../../domain/change.ts';
import { LINE_STATES } from '../../../domain/lines.ts';
import { detailsOf } from '../../rows.ts';
import type { Values } from '../read/query.ts';
import { ConnectionLostError } from '../server/errors.ts';
import { names, text } from '../sql-text.ts';
import { changeLog, changeSetRuns, clockSteps, provisionChanges, writers } from '../tables.ts';
import type { Transaction } from './transactions.ts';
import type { Mark, Session } from './writer.ts';

const CLOCK = '(extract(epoch from clock_timestamp()) * 1000)::bigint';
/** The clock of the server, or of a test: an instance whose own clock is ahead would move the time of the log for all. */
const NOW = `coalesce(@now::bigint, ${CLOCK})`;
/** How far ahead of its begin a large transaction dates its flats, which it writes before it locks the head. */
const AHEAD_MS = 100;
/** The time that a large transaction gives its flats, the same in all of its statements. */
export const FLATS_TIME = `coalesce(@now::bigint, (extract(epoch from transaction_timestamp()) * 1000)::bigint + ${AHEAD_MS})`;
/** Where the log is ahead of the clock by no more, its time stands still: a large transaction came before, or another server. */
const MAX_STANDSTILL_MS = 2 * AHEAD_MS;
const TIME = `coalesce(@now::bigint, (select case when last_time - clock <= ${MAX_STANDSTILL_MS} then greatest(last_time, clock) else clock end
  from (select ${CLOCK} as clock) read))`;

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
const takeSeqs = (time: string) =>
  text`update ${changeLog} set seq = seq + @count, time_before = last_time, last_time = ${time}, ${COUNTS}
  where one returning seq - @count as base, last_time as at, time_before - last_time as behind`;
/** Takes the next seqs of the log; the row of the head stays locked to the end of the transaction. */
export const TAKE_SEQS = takeSeqs(TIME);
/** The same after the flats of a large transaction: no earlier than the time that they have already. */
export const TAKE_SEQS_AFTER_FLATS = takeSeqs(`greatest(${TIME}, ${FLATS_TIME})`);
/** Records where the clock went back. */
export const RECORD_STEP = text`insert into ${clockSteps} select base + 1 from head where behind > 0 and base > 0`;

/** New rows of the log, numbered from 1, that are a part of a change set: of a known one, or of the one that begins with the row `start`. */
export interface RunDraft {
  readonly first: number;
  readonly last: number;
  readonly changeSet: number | null;
  readonly start: number;
}

const RUNS = `unnest(@runFirsts::bigint[], @runLasts::bigint[], @runSets::bigint[], @runStarts::bigint[])
  as given(first, last, change_set, start)`;

/** Records runs: what follows the last one of its set is added to that. */
export const RECORD_RUNS = text`extended as (
    update ${changeSetRuns} set last_seq = head.base + given.last from head, ${RUNS}
      where ${changeSetRuns.changeSet} = given.change_set and ${changeSetRuns.lastSeq} = head.base + given.first - 1
      returning given.first
  ),
  recorded as (
    insert into ${changeSetRuns} (first_seq, last_seq, change_set)
      select head.base + given.first, head.base + given.last, coalesce(given.change_set, head.base + given.start) from head, ${RUNS}
      where given.first not in (select first from extended)
  )`;

export const runValues = (runs: readonly RunDraft[]): Values => ({
  runFirsts: runs.map((it) => it.first),
  runLasts: runs.map((it) => it.last),
  runSets: runs.map((it) => it.changeSet),
  runStarts: runs.map((it) => it.start),
});

const LOG = text`with head as (${TAKE_SEQS}),
  logged as (
    insert into ${provisionChanges} (${names(LOGGED)})
      select head.base + given.place, head.at, @actor, @channel, given.reason, given.kind, given.intercom_id, given.flat_id, given.flat,
        given.details
      from head, unnest(@reasons::text[], @kinds::text[], @intercomIds::bigint[], @flatIds::bigint[], @numbers::bigint[], @details::text[])
        with ordinality as given(reason, kind, intercom_id, flat_id, flat, details, place)
  ),
  ${RECORD_RUNS},
  stepped as (${RECORD_STEP})
  select base from head`;

/**
 * Counts flats that come and go, and writes what happened into the log, as a change set or a part of an earlier one, which it returns. It
 * locks the log to the end of the transaction, so it comes last.
 */
export async function logProvisions(
  { run, clock, logged }: Transaction,
  origin: Origin,
  drafts: readonly ProvisionDraft[],
  deltas: readonly number[] = NO_DELTAS,
  changeSet?: number,
): Promise<number | undefined> {
  if (drafts.length === 0) {
    if (deltas.some((it) => it !== 0)) await run(COUNT, countValues(deltas));
    return changeSet;
  }
  const isAlone = drafts.length === 1 && changeSet === undefined;
  const runs = isAlone ? [] : [{ first: 1, last: drafts.length, start: 1, changeSet: changeSet ?? null }];
  const ofFlat = drafts.map((it) => ('flatId' in it ? it : undefined));
  const { rows } = await run(LOG, {
    ...{
      count: drafts.length,
      now: clock,
      actor: origin.actor,
      channel: origin.channel,
      ...countValues(deltas),
      ...runValues(runs),
    },
    reasons: drafts.map((it) => it.reason),
    kinds: drafts.map((it) => it.kind),
    intercomIds: drafts.map((it) => it.intercomId),
    flatIds: ofFlat.map((it) => it?.flatId ?? null),
    numbers: ofFlat.map((it) => it?.flat ?? null),
    details: drafts.map((it) => JSON.stringify(detailsOf(it))),
  });
  const base = rows[0]?.[0] as number;
  logged(base + drafts.length);
  return changeSet ?? base + 1;
}

const NO_DELTAS = LINE_STATES.map(() => 0);

const MARK = text`update ${writers} set batch = @batch, base = 0, at = ${NOW} where id = @id and session = @session returning at`;

/** Marks a transaction that adds nothing to the log, and reads the clock. */
export async function markSession({ id, session, batch, run }: Session, now: number | null): Promise<Mark> {
  const [row] = (await run(MARK, { id, session, batch, now })).rows;
  if (!row) throw new ConnectionLostError('another connection has taken over');
  return { base: 0, at: row[0] as number };
}
