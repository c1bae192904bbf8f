import { LINES } from '../../../domain/lines.ts';
import { StatementError } from '../server/errors.ts';
import { names, text } from '../sql-text.ts';
import { changes, flats, writers } from '../tables.ts';
import type { DecidedBatch } from './decide-batch.ts';
import {
  countValues,
  FLATS_TIME,
  RECORD_RUNS,
  RECORD_STEP,
  runValues,
  TAKE_SEQS,
  TAKE_SEQS_AFTER_FLATS,
} from './head.ts';
import type { Mark, Session } from './writer.ts';

const LINE_COLUMNS = LINES.map((line) => `"${flats[line].name}"`);
const SET_LINES = LINE_COLUMNS.map((column) => `${column} = given.${column}`).join(', ');
const CHANGE_COLUMNS = [
  ...[changes.seq, changes.changedAt, changes.actor, changes.channel, changes.reason],
  ...[changes.flatId, changes.intercomId, changes.flat],
  ...LINES.map((line) => changes[`before_${line}`]),
  ...LINES.map((line) => changes[`after_${line}`]),
];
const LOGGED = CHANGE_COLUMNS.slice(2);
const arrays = (prefix: string) => LINES.map((line) => `@${prefix}${line}::boolean[]`).join(', ');

const GIVEN_FLATS = text`unnest(@ids::bigint[], @versions::bigint[], ${arrays('')}) as given(id, version, ${LINE_COLUMNS.join(', ')})
      where ${flats.id} = given.id`;

/**
 * Writes a batch. The row of the head is locked first and stays so to the commit: it gives the batch its place in the log and its
 * time, both in the order of the commits of all instances. The division fails when this is not the writer's newest session.
 */
const writeAfter = (takeSeqs: string, more: string, check = '1') => text`with
  head as (${takeSeqs}),${more}
  logged as (
    insert into ${changes} (${names(CHANGE_COLUMNS)})
      select head.base + given.place, head.at, ${LOGGED.map(({ name }) => `given."${name}"`).join(', ')}
      from head, unnest(@actors::text[], @channels::text[], @reasons::text[], @flatIds::bigint[], @intercomIds::bigint[],
        @numbers::bigint[], ${arrays('before')}, ${arrays('after')})
        with ordinality as given(${names(LOGGED)}, place)
  ),
  ${RECORD_RUNS},
  stepped as (${RECORD_STEP}),
  marked as (
    update ${writers} set batch = @batch, base = head.base, at = head.at from head
      where id = @writer and session = @session returning 1
  )
  select base, at, behind, 1 / (select count(*) from marked), ${check} from head`;

const WRITE = writeAfter(
  TAKE_SEQS,
  text`
  set_flats as (update ${flats} set version = given.version, updated_at = head.at, ${SET_LINES} from head, ${GIVEN_FLATS}),`,
);
/** Before the head is locked, so that others do not wait for it. */
const WRITE_FLATS = text`update ${flats} set version = given.version, updated_at = ${FLATS_TIME}, ${SET_LINES} from ${GIVEN_FLATS}`;
/**
 * The cast fails when the log is later than the flats by now. They are not written again in the same transaction: the server would
 * lock their intercoms then, which come before them in the order of locks.
 */
const WRITE_REST = writeAfter(
  TAKE_SEQS_AFTER_FLATS,
  '',
  `case when at > ${FLATS_TIME} then (at || ' is too late')::bigint end`,
);
const LATE = '22P02';

/** Whether the flats of a batch were written too early: then the batch has to be written again, the flats after the head. */
export const isTooLate = (error: unknown): boolean => error instanceof StatementError && error.code === LATE;

export interface WriteOptions {
  /** The clock of a test. */
  readonly now: number | null;
  /** Whether the flats are written before the head is locked: many would hold others up. */
  readonly flatsFirst: boolean;
  /** Called with how many milliseconds the clock is behind the newest change before, if it is. */
  readonly onClockBack: (ms: number) => void;
}

export async function writeBatch(
  { id, session, batch, run }: Session,
  { flats, changes, runs, deltas }: DecidedBatch,
  { now, flatsFirst, onClockBack }: WriteOptions,
): Promise<Mark> {
  const perLine = (prefix: string, lines: (line: (typeof LINES)[number]) => readonly boolean[]) =>
    Object.fromEntries(LINES.map((line) => [`${prefix}${line}`, lines(line)]));
  const flatValues = {
    ids: flats.map((it) => it.id),
    versions: flats.map((it) => it.version),
    ...perLine('', (line) => flats.map((it) => it.lines[line])),
  };
  const flatsWritten = flatsFirst ? run(WRITE_FLATS, { now, ...flatValues }) : undefined;
  const writing = run(flatsFirst ? WRITE_REST : WRITE, {
    ...{ writer: id, session, batch, now, count: changes.length, ...countValues(deltas), ...runValues(runs) },
    ...(flatsFirst ? {} : flatValues),
    actors: changes.map((it) => it.actor),
    channels: changes.map((it) => it.channel),
    reasons: changes.map((it) => it.reason),
    flatIds: changes.map((it) => it.flatId),
    intercomIds: changes.map((it) => it.intercomId),
    numbers: changes.map((it) => it.flat),
    ...perLine('before', (line) => changes.map((it) => it.before[line])),
    ...perLine('after', (line) => changes.map((it) => it.after[line])),
  });
  const [{ rows }] = await Promise.all([writing, flatsWritten]);
  const [base, at, behind] = rows[0] as [number, number, number];
  if (base > 0 && behind > 0) onClockBack(behind);
  return { base, at };
}
