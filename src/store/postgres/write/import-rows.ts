import type { Origin } from '../../../domain/change.ts';
import type { Row } from '../../../domain/import-row.ts';
import type { FlatRange } from '../../../domain/intercom.ts';
import { LINE_STATES, LINES } from '../../../domain/lines.ts';
import { type ImportFacts, type LinkPlan, type NewFlat, numberOf, planImport } from '../../../domain/plan-import.ts';
import { maskOf, toIntercom } from '../../rows.ts';
import type { ImportOutcome } from '../../store.ts';
import { INTERCOM_COLUMNS } from '../columns.ts';
import { logProvisions } from '../commit/head.ts';
import type { Transaction } from '../commit/transactions.ts';
import { f, i, k, l, names, text, u } from '../sql-text.ts';
import { flats, flatUsers, intercoms, keys, users } from '../tables.ts';
import { insertIntercoms, lockIds, setIds, updateIntercoms } from './intercoms.ts';
import { linkWriters } from './links.ts';

const INTERCOMS = text`select ${INTERCOM_COLUMNS} from ${intercoms} ${i}
  where ${i.id} = any(@ids::bigint[]) or ${i.externalId} = any(@externalIds::text[]) order by ${i.id} for update of i`;
/** A bare `id` inside would be the one of the flat. */
const SPANS = text`select given.id, (select min(${f.flat}) from ${flats} ${f} where ${f.intercomId} = given.id),
  (select max(${f.flat}) from ${flats} ${f} where ${f.intercomId} = given.id) from unnest(@ids::bigint[]) as given(id)`;
const FLATS = text`select ${f.intercomId}, ${f.flat}, ${f.id}
  from unnest(@intercoms::bigint[], @numbers::bigint[]) as given(intercom_id, flat)
  join ${flats} ${f} on ${f.intercomId} = given.intercom_id and ${f.flat} = given.flat`;
const USED_IDS = text`select ${f.id} from ${flats} ${f} where ${f.id} = any(@ids::bigint[])`;
const LOCK = text`select from ${flats} ${f} where ${f.id} = any(@ids::bigint[]) order by ${f.id} for no key update`;
const KEYS = text`select ${k.flatId}, array_agg(${k.code}) from ${keys} ${k} where ${k.flatId} = any(@ids::bigint[]) group by ${k.flatId}`;
const USERS = text`select ${l.flatId}, array_agg(${u.login}) from ${flatUsers} ${l} join ${users} ${u} on ${u.id} = ${l.userId}
  where ${l.flatId} = any(@ids::bigint[]) group by ${l.flatId}`;

const FLAT_COLUMNS = [flats.id, flats.intercomId, flats.flat, ...LINES.map((line) => flats[line])];
const INSERT = text`insert into ${flats} (${names([...FLAT_COLUMNS, flats.version, flats.updatedAt])})
  select given.*, 1, @now from unnest(@ids::bigint[], @intercoms::bigint[], @numbers::bigint[],
    ${LINES.map((line) => `@${line}::boolean[]`).join(', ')}) as given`;

/** Imports rows: reads what they speak of, plans, and writes by sets. */
export async function importRows(
  transaction: Transaction,
  origin: Origin,
  rows: readonly Row[],
  changeSet: number | undefined,
): Promise<ImportOutcome> {
  const plan = planImport(rows, await readFacts(transaction, rows));
  // What gives an external id away comes before what may take it.
  await updateIntercoms(transaction, plan.changed);
  await insertIntercoms(transaction, plan.created);
  await insertFlats(transaction, plan.flats);
  await writeLinks(transaction, 'keys', plan.keys);
  await writeLinks(transaction, 'users', plan.users);
  await setIds(transaction, plan.last);
  const counts = LINE_STATES.map(() => 0);
  for (const { lines } of plan.flats) counts[maskOf(lines)] = (counts[maskOf(lines)] as number) + 1;
  return {
    outcomes: plan.outcomes,
    changeSet: await logProvisions(transaction, origin, plan.drafts, counts, changeSet),
  };
}

async function readFacts(transaction: Transaction, given: readonly Row[]): Promise<ImportFacts> {
  const { rows } = transaction;
  const flatRows = given.filter((it) => it.flat !== undefined);
  const ids = [...new Set(given.map((it) => it.intercomId))];
  const externalIds = [...new Set(given.flatMap((it) => it.intercomExternalId ?? []))];
  const ranged = [...new Set(given.flatMap((it) => (it.intercomRange ? it.intercomId : [])))];
  const [last, found, spans, known, used] = await Promise.all([
    lockIds(transaction),
    rows(INTERCOMS, { ids, externalIds }),
    rows(SPANS, { ids: ranged }) as Promise<[number, number | null, number | null][]>,
    rows(FLATS, { intercoms: flatRows.map((it) => it.intercomId), numbers: flatRows.map((it) => it.flat) }),
    rows(USED_IDS, { ids: flatRows.flatMap((it) => it.flatId ?? []) }),
  ]);
  const flatIds = new Map(
    (known as [number, number, number][]).map(([intercom, flat, id]) => [numberOf(intercom, flat), id]),
  );
  const linked = flatRows
    .filter((it) => it.keys || it.users)
    .flatMap((it) => flatIds.get(numberOf(it.intercomId, it.flat)) ?? []);
  const [, keys, users] =
    linked.length === 0
      ? [[], [], []]
      : await Promise.all([rows(LOCK, { ids: linked }), rows(KEYS, { ids: linked }), rows(USERS, { ids: linked })]);
  return {
    intercoms: found.map(toIntercom),
    spans: new Map(
      spans.flatMap(([id, from, to]): [number, FlatRange][] =>
        from === null || to === null ? [] : [[id, { from, to }]],
      ),
    ),
    flats: flatIds,
    usedIds: new Set(used.map(([id]) => id as number)),
    last,
    keys: new Map(keys as [number, readonly string[]][]),
    users: new Map(users as [number, readonly string[]][]),
  };
}

async function insertFlats({ count, now }: Transaction, given: readonly NewFlat[]): Promise<void> {
  if (given.length === 0) return;
  await count(INSERT, {
    now,
    ids: given.map((it) => it.id),
    intercoms: given.map((it) => it.intercomId),
    numbers: given.map((it) => it.flat),
    ...Object.fromEntries(LINES.map((line) => [line, given.map((it) => it.lines[line])])),
  });
}

async function writeLinks(
  transaction: Transaction,
  link: 'keys' | 'users',
  { cleared, added }: LinkPlan,
): Promise<void> {
  const { clear, attach } = linkWriters[link];
  if (cleared.length > 0) await clear(transaction, cleared);
  if (added.length > 0) await attach(transaction, added);
}
