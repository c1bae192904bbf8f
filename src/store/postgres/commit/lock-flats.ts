import type { Flat, Found } from '../../../domain/flat.ts';
import type { FlatRef } from '../../../domain/flat-ref.ts';
import { toFlat } from '../../rows.ts';
import { FLAT_COLUMNS } from '../columns.ts';
import { f, text } from '../sql-text.ts';
import { flats, intercoms } from '../tables.ts';
import type { Session } from './writer.ts';

/** The locked flats in the order of their ids, so that no two transactions ever wait for each other. */
const LOCK = text`select ${FLAT_COLUMNS} from ${flats} ${f} where ${f.id} in (
    select unnest(@ids::bigint[])
    union all
    select named.id from unnest(@intercoms::bigint[], @numbers::bigint[]) as given(intercom_id, flat)
      join ${flats} named on named.intercom_id = given.intercom_id and named.flat = given.flat
  ) order by ${f.id} for no key update of f`;
const KNOWN_INTERCOMS = text`select ${intercoms.id} from ${intercoms} where ${intercoms.id} = any(@ids::bigint[])`;

/** The flats of a transaction, which nobody else changes until its end. */
export interface LockedFlats {
  find(ref: FlatRef): Found;
}

/** Locks the flats that refs name. A second statement is needed only where a ref finds none. */
export async function lockFlats({ run }: Session, refs: readonly FlatRef[]): Promise<LockedFlats> {
  const byId = new Map<number, Flat>();
  const byNumber = new Map<string, Flat>();
  const numbered = refs.filter((it) => it.by === 'number');
  const { rows } = await run(LOCK, {
    ids: [...new Set(refs.flatMap((it) => (it.by === 'id' ? it.flatId : [])))],
    intercoms: numbered.map((it) => it.intercomId),
    numbers: numbered.map((it) => it.flat),
  });
  for (const columns of rows) {
    const flat = toFlat(columns);
    byId.set(flat.id, flat);
    byNumber.set(nameOf(flat), flat);
  }
  const flatOf = (ref: FlatRef) => (ref.by === 'id' ? byId.get(ref.flatId) : byNumber.get(nameOf(ref)));
  const isFound = (ref: FlatRef, flat = flatOf(ref)) =>
    flat !== undefined && (ref.intercomId === undefined || ref.intercomId === flat.intercomId);
  const asked = new Set(refs.flatMap((it) => (isFound(it) ? [] : (it.intercomId ?? []))));
  const known = new Set(
    asked.size > 0 ? (await run(KNOWN_INTERCOMS, { ids: [...asked] })).rows.map(([id]) => id as number) : [],
  );

  return {
    find(ref) {
      const flat = flatOf(ref);
      if (flat && isFound(ref, flat)) return { kind: 'flat', flat };
      if (ref.intercomId !== undefined && !known.has(ref.intercomId)) return { kind: 'noIntercom' };
      return { kind: flat ? 'otherIntercom' : 'noFlat' };
    },
  };
}

const nameOf = ({ intercomId, flat }: { readonly intercomId: number; readonly flat: number }) =>
  `${intercomId} ${flat}`;
