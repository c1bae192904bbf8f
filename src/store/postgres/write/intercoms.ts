import { foldTitle, type Intercom } from '../../../domain/intercom.ts';
import type { IntercomRef } from '../../../domain/intercom-ref.ts';
import type { LastIds } from '../../../domain/plan-import.ts';
import { toIntercom } from '../../rows.ts';
import type { Transaction } from '../commit/transactions.ts';
import { INTERCOM_BY_EXTERNAL_ID, INTERCOM_BY_ID } from '../read/find.ts';
import { names, text } from '../sql-text.ts';
import { ids, intercoms } from '../tables.ts';

const LOCK_IDS = text`select ${ids.intercom}, ${ids.flat} from ${ids} where one for update`;
const SET_IDS = text`update ${ids} set intercom = @intercom, flat = @flat where one`;

/** Locks out every other transaction that makes or deletes intercoms or flats, of all instances; it comes first. */
export async function lockIds({ rows }: Transaction): Promise<LastIds> {
  const [row] = await rows(LOCK_IDS);
  const [intercom, flat] = row as [number, number];
  return { intercom, flat };
}

export const setIds = ({ count }: Transaction, { intercom, flat }: LastIds): Promise<number> =>
  count(SET_IDS, { intercom, flat });

/** The intercom under a ref; nobody else changes it until the end of the transaction. */
export async function lockIntercom({ rows }: Transaction, ref: IntercomRef): Promise<Intercom | undefined> {
  const [columns] =
    ref.by === 'id'
      ? await rows(`${INTERCOM_BY_ID} for update of i`, { id: ref.intercomId })
      : await rows(`${INTERCOM_BY_EXTERNAL_ID} for update of i`, { externalId: ref.externalId });
  return columns && toIntercom(columns);
}

const COLUMNS = [
  intercoms.id,
  intercoms.title,
  intercoms.titleFolded,
  intercoms.externalId,
  intercoms.flatFrom,
  intercoms.flatTo,
];
const GIVEN = text`unnest(@ids::bigint[], @titles::text[], @folded::text[], @externalIds::text[], @from::int[], @to::int[])
  as given(${names(COLUMNS)})`;
const INSERT = text`insert into ${intercoms} (${names(COLUMNS)}) select * from ${GIVEN}`;
const SET = COLUMNS.slice(1)
  .map(({ name }) => `"${name}" = given."${name}"`)
  .join(', ');
const UPDATE = text`update ${intercoms} set ${SET} from ${GIVEN} where ${intercoms.id} = given.id`;
/** External ids may be exchanged, and each statement must leave them unique. */
const RELEASE = text`update ${intercoms} set external_id = null where ${intercoms.id} = any(@ids::bigint[]) and external_id is not null`;
const DELETE = text`delete from ${intercoms} where ${intercoms.id} = @id`;

const columnsOf = (given: readonly Intercom[]) => ({
  ids: given.map(({ id }) => id),
  titles: given.map(({ title }) => title),
  folded: given.map(({ title }) => foldTitle(title)),
  externalIds: given.map(({ externalId }) => externalId),
  from: given.map(({ range }) => range?.from ?? null),
  to: given.map(({ range }) => range?.to ?? null),
});

export async function insertIntercoms({ count }: Transaction, given: readonly Intercom[]): Promise<void> {
  if (given.length > 0) await count(INSERT, columnsOf(given));
}

export async function updateIntercoms({ count }: Transaction, given: readonly Intercom[]): Promise<void> {
  if (given.length === 0) return;
  if (given.length > 1) await count(RELEASE, { ids: given.map(({ id }) => id) });
  await count(UPDATE, columnsOf(given));
}

/** Its flats must be gone. */
export const deleteIntercom = ({ count }: Transaction, id: number): Promise<number> => count(DELETE, { id });
