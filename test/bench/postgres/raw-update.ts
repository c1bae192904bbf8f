// What an update costs at least on PostgreSQL: the same find (links counted by their index), the same decision, the same
// new version, the same row of the log and the same counts of line states as the service, as plain statements of the driver.
// The limits and the peers run on it. The order of the log is that of the commits, as the service promises it: its head is
// locked by the statement that writes.
import pg from 'pg';

export interface RawInput {
  readonly intercomId: number;
  readonly flat: number;
  readonly landlineSip?: boolean | undefined;
  readonly analog?: boolean | undefined;
}

/** Columns as SQLite has them, so that the same resolvers read both. */
export interface RawFlat {
  readonly id: number;
  readonly flat: number;
  readonly intercom_id: number;
  readonly key_count: number;
  readonly users_count: number;
  readonly version: number;
  readonly smartphone_sip: number;
  readonly landline_sip: number;
  readonly analog: number;
}

export interface RawUpdated {
  readonly flat: RawFlat;
  /** `undefined` when nothing changed. */
  readonly seq: number | undefined;
}

type Channel = 'GRAPHQL' | 'REST';

/** int8 as a number. */
const types = {
  getTypeParser: (oid: number, format: string) => (oid === 20 ? Number : pg.types.getTypeParser(oid, format as 'text')),
} as pg.CustomTypesConfig;

const clientOptions = (url: string) => ({ connectionString: url, types, options: '-c jit=off' });

/** As the documentation of the driver has it: ten connections. */
export const openPool = (url: string): pg.Pool => new pg.Pool(clientOptions(url));

const FOUND = `f.id, f.flat, f.intercom_id, f.version, f.smartphone_sip::int, f.landline_sip::int, f.analog::int,
  (select count(*) from keys where keys.flat_id = f.id) key_count,
  (select count(*) from flat_users where flat_users.flat_id = f.id) users_count`;
const LOGGED = `seq, changed_at, actor, channel, flat_id, intercom_id, flat, before_smartphone_sip, before_landline_sip,
  before_analog, after_smartphone_sip, after_landline_sip, after_analog`;
const NOW = '(extract(epoch from clock_timestamp()) * 1000)::bigint';

const FIND_ONE = {
  name: 'find',
  text: `select ${FOUND} from flats f where intercom_id = $1 and flat = $2 for no key update of f`,
};
const SET_LINES = {
  name: 'setLines',
  text: `update flats set version = version + 1, updated_at = ${NOW}, landline_sip = $2, analog = $3 where id = $1`,
};
const TAKE_SEQ = {
  name: 'takeSeq',
  text: `update change_log set seq = seq + 1, last_time = ${NOW}, counts[$1::int] = counts[$1] - 1, counts[$2::int] = counts[$2] + 1
    where one returning seq, last_time as at`,
};
const APPEND = {
  name: 'append',
  text: `insert into changes (${LOGGED}) values ($1, $2, 'local', $3, $4, $5, $6, $7, $8, $9, $7, $10, $11)`,
};

/**
 * One transaction for each update, on a connection of the pool, each statement awaited; the head of the log is locked as late as it
 * can be. `undefined` for an unknown flat.
 */
export async function updateInTransaction(
  pool: pg.Pool,
  channel: Channel,
  input: RawInput,
): Promise<RawUpdated | undefined> {
  const client = await pool.connect();
  try {
    await client.query('begin');
    const [before] = (await client.query<RawFlat>({ ...FIND_ONE, values: [input.intercomId, input.flat] })).rows;
    const after = before && decided(before, input);
    if (!after) {
      await client.query('rollback');
      return before && { flat: before, seq: undefined };
    }
    const lines = [after.landline_sip === 1, after.analog === 1];
    await client.query({ ...SET_LINES, values: [before.id, ...lines] });
    const taken = await client.query({ ...TAKE_SEQ, values: [1 + maskOf(before), 1 + maskOf(after)] });
    const [{ seq, at }] = taken.rows;
    const beforeLines = [before.smartphone_sip === 1, before.landline_sip === 1, before.analog === 1];
    const where = [before.id, before.intercom_id, before.flat];
    await client.query({ ...APPEND, values: [seq, at, channel, ...where, ...beforeLines, ...lines] });
    await client.query('commit');
    return { flat: after, seq };
  } catch (error) {
    await client.query('rollback');
    throw error;
  } finally {
    client.release();
  }
}

const FIND_MANY = {
  name: 'findMany',
  text: `select ${FOUND} from flats f where f.id in (
      select named.id from unnest($1::bigint[], $2::int[]) as given(intercom_id, flat) join flats named using (intercom_id, flat)
    ) order by f.id for no key update of f`,
};
const WRITE_MANY = {
  name: 'writeMany',
  text: `with head as (
      update change_log set seq = seq + cardinality($1::bigint[]), last_time = ${NOW},
        counts = array[${Array.from({ length: 8 }, (_, mask) => `counts[${mask + 1}] + ($11::bigint[])[${mask + 1}]`).join(', ')}]
        where one returning seq - cardinality($1::bigint[]) as base, last_time as at
    ),
    changed as (
      update flats set version = given.version, updated_at = head.at, landline_sip = given.landline, analog = given.analog
        from head, unnest($1::bigint[], $2::bigint[], $3::boolean[], $4::boolean[]) as given(id, version, landline, analog)
        where flats.id = given.id
    ),
    logged as (
      insert into changes (${LOGGED})
        select base + place, at, 'local', $10, given.id, intercom_id, number, smartphone, landline_before, analog_before,
            smartphone, landline, analog
          from head, unnest($1::bigint[], $3::boolean[], $4::boolean[], $5::bigint[], $6::bigint[], $7::boolean[], $8::boolean[],
            $9::boolean[]) with ordinality
            as given(id, landline, analog, intercom_id, number, smartphone, landline_before, analog_before, place)
    )
    select base from head`,
};

/** Many updates of different flats as one transaction, in two trips, on a connection of its own. */
export async function openBatches(url: string) {
  const client = new pg.Client({ ...clientOptions(url), pipeline: true } as pg.ClientConfig);
  await client.connect();
  return {
    async update(channel: Channel, inputs: readonly RawInput[]): Promise<readonly (RawUpdated | undefined)[]> {
      const named = [inputs.map((it) => it.intercomId), inputs.map((it) => it.flat)];
      const [, { rows }] = await Promise.all([
        client.query('begin'),
        client.query<RawFlat>({ ...FIND_MANY, values: named }),
      ]);
      const found = new Map(rows.map((it) => [`${it.intercom_id} ${it.flat}`, it]));
      const befores: RawFlat[] = [];
      const afters: RawFlat[] = [];
      const deltas = new Array<number>(8).fill(0);
      const updated = inputs.map((input) => {
        const before = found.get(`${input.intercomId} ${input.flat}`);
        const after = before && decided(before, input);
        if (!after) return before && { flat: before, place: undefined };
        deltas[maskOf(before)] = (deltas[maskOf(before)] as number) - 1;
        deltas[maskOf(after)] = (deltas[maskOf(after)] as number) + 1;
        befores.push(before);
        return { flat: after, place: afters.push(after) };
      });
      const flags = (flats: readonly RawFlat[], line: 'smartphone_sip' | 'landline_sip' | 'analog') =>
        flats.map((it) => it[line] === 1);
      const values = [
        ...[afters.map((it) => it.id), afters.map((it) => it.version)],
        ...[flags(afters, 'landline_sip'), flags(afters, 'analog')],
        ...[afters.map((it) => it.intercom_id), afters.map((it) => it.flat)],
        ...[
          flags(befores, 'smartphone_sip'),
          flags(befores, 'landline_sip'),
          flags(befores, 'analog'),
          channel,
          deltas,
        ],
      ];
      const [written] = await Promise.all([
        client.query<{ base: number }>({ ...WRITE_MANY, values }),
        client.query('commit'),
      ]);
      const base = written.rows[0]?.base as number;
      return updated.map((it) => it && { flat: it.flat, seq: it.place && base + it.place });
    },
    close: () => client.end(),
  };
}

/** The flat as an update leaves it; `undefined` when it changes nothing. */
function decided(before: RawFlat, { landlineSip, analog }: RawInput): RawFlat | undefined {
  const after = {
    ...before,
    version: before.version + 1,
    landline_sip: Number(landlineSip ?? before.landline_sip),
    analog: Number(analog ?? before.analog),
  };
  return after.landline_sip === before.landline_sip && after.analog === before.analog ? undefined : after;
}

const maskOf = ({ smartphone_sip, landline_sip, analog }: RawFlat): number =>
  smartphone_sip + 2 * landline_sip + 4 * analog;
