import type { Flat, Found } from '../../../domain/flat.ts';
import type { FlatRef } from '../../../domain/flat-ref.ts';
import { toFlat } from '../../rows.ts';
import { FLAT_COLUMNS } from '../columns.ts';
import type { Values } from '../read/query.ts';
import { f, text } from '../sql-text.ts';
import { flats, intercoms } from '../tables.ts';
import type { Session } from './writer.ts';

/**
 * As an array, which is read once: the server checks each row for which it has waited against the condition again, and a row that has
 * changed meanwhile is not found in a join.
 */
const NAMED = text`from ${flats} ${f} where ${f.id} = any(array(
    select unnest(@ids::bigint[])
    union all
    select named.id from unnest(@intercoms::bigint[], @numbers::bigint[]) as given(intercom_id, flat)
      join ${flats} named on named.intercom_id = given.intercom_id and named.flat = given.flat
  ))`;
/** In the order of their ids, so that no two transactions ever wait for each other. */
const LOCK = text`select ${f.id} ${NAMED} order by ${f.id} for no key update of f`;
const LOCK_FREE = `${LOCK} skip locked`;
/** A statement of its own sees what was committed while the one before it waited, keys and users too. */
const READ = text`select ${FLAT_COLUMNS} ${NAMED}`;
const KNOWN_INTERCOMS = text`select ${intercoms.id} from ${intercoms} where ${intercoms.id} = any(@ids::bigint[])`;

/** The flats of a transaction, which nobody else changes until its end. */
export interface LockedFlats {
  find(ref: FlatRef): Found;
  /** The id of the flat under a ref. */
  idOf(ref: FlatRef): number | undefined;
  /** The ids of flats that others have locked; there are none once they were waited for. */
  readonly held: ReadonlySet<unknown>;
}

/**
 * Locks the flats that refs name; `waits`: also those that others have locked. A second trip is needed only where a ref finds none, or
 * what it finds was made a moment ago.
 */
export async function lockFlats(session: Session, refs: readonly FlatRef[], waits = true): Promise<LockedFlats> {
  const byId = new Map<number, Flat>();
  const byNumber = new Map<string, Flat>();
  const numbered = refs.filter((it) => it.by === 'number');
  const values = {
    ids: [...new Set(refs.flatMap((it) => (it.by === 'id' ? it.flatId : [])))],
    intercoms: numbered.map((it) => it.intercomId),
    numbers: numbered.map((it) => it.flat),
  };
  const { flats, held } = await readLocked(session, values, waits);
  for (const flat of flats) {
    byId.set(flat.id, flat);
    byNumber.set(nameOf(flat), flat);
  }
  const flatOf = (ref: FlatRef) => (ref.by === 'id' ? byId.get(ref.flatId) : byNumber.get(nameOf(ref)));
  const isFound = (ref: FlatRef, flat = flatOf(ref)) =>
    flat !== undefined && (ref.intercomId === undefined || ref.intercomId === flat.intercomId);
  const asked = new Set(refs.flatMap((it) => (isFound(it) ? [] : (it.intercomId ?? []))));
  const known = new Set(
    asked.size > 0 ? (await session.run(KNOWN_INTERCOMS, { ids: [...asked] })).rows.map(([id]) => id as number) : [],
  );

  return {
    idOf: (ref) => flatOf(ref)?.id,
    held,
    find(ref) {
      const flat = flatOf(ref);
      if (flat && isFound(ref, flat)) return { kind: 'flat', flat };
      if (ref.intercomId !== undefined && !known.has(ref.intercomId)) return { kind: 'noIntercom' };
      return { kind: flat ? 'otherIntercom' : 'noFlat' };
    },
  };
}

/** One that is made meanwhile is found by the second statement alone: who waits runs both again, and for others it counts as held. */
async function readLocked({ run }: Session, values: Values, waits: boolean) {
  for (;;) {
    const [locked, { rows }] = await Promise.all([run(waits ? LOCK : LOCK_FREE, values), run(READ, values)]);
    const ids = new Set(locked.rows.map(([id]) => id));
    const flats = rows.map(toFlat);
    const held = new Set<unknown>(flats.flatMap(({ id }) => (ids.has(id) ? [] : id)));
    if (!waits || held.size === 0) return { flats, held };
  }
}

const nameOf = ({ intercomId, flat }: { readonly intercomId: number; readonly flat: number }) =>
  `${intercomId} ${flat}`;
