import type { Database } from 'better-sqlite3';
import type { Found } from '../../../domain/flat.ts';
import type { FlatRef } from '../../../domain/flat-ref.ts';
import type { Intercom } from '../../../domain/intercom.ts';
import type { IntercomRef } from '../../../domain/intercom-ref.ts';
import { toFlat, toIntercom } from '../../rows.ts';
import type { Reads } from '../../store.ts';
import { FLAT_COLUMNS, INTERCOM_COLUMNS } from '../columns.ts';
import { f, i, text } from '../sql-text.ts';
import { flats, intercoms } from '../tables.ts';
import type { Statements } from './query.ts';
import { VISIBLE_FLAT, VISIBLE_INTERCOM } from './visible.ts';

const FLAT_BY_ID = text`select ${FLAT_COLUMNS} from ${flats} ${f} where ${f.id} = @id and ${VISIBLE_FLAT}`;
const FLAT_BY_NUMBER = text`select ${FLAT_COLUMNS} from ${flats} ${f} where ${f.intercomId} = @intercomId and ${f.flat} = @flat
  and ${VISIBLE_FLAT}`;
const INTERCOM_BY_ID = text`select ${INTERCOM_COLUMNS} from ${intercoms} ${i} where ${i.id} = @id and ${VISIBLE_INTERCOM}`;
const INTERCOM_BY_EXTERNAL_ID = text`select ${INTERCOM_COLUMNS} from ${intercoms} ${i} where ${i.externalId} = @externalId and ${VISIBLE_INTERCOM}`;

/** Finds the flat under a ref, or what is missing. */
export type FlatFinder = (ref: FlatRef) => Found;

/** Finds the intercom under a ref. */
export type IntercomFinder = (ref: IntercomRef) => Intercom | undefined;

export function createFlatFinder(client: Database): FlatFinder {
  const byId = client.prepare(FLAT_BY_ID).raw();
  const byNumber = client.prepare(FLAT_BY_NUMBER).raw();
  const intercom = client.prepare(text`select 1 from ${intercoms} ${i} where ${i.id} = ? and ${VISIBLE_INTERCOM}`);

  const missing = (intercomId: number | undefined, otherwise: 'noFlat' | 'otherIntercom'): Found =>
    intercomId !== undefined && intercom.get(intercomId) === undefined ? { kind: 'noIntercom' } : { kind: otherwise };

  return (ref) => {
    const columns =
      ref.by === 'id' ? byId.get({ id: ref.flatId }) : byNumber.get({ intercomId: ref.intercomId, flat: ref.flat });
    if (!columns) return missing(ref.intercomId, 'noFlat');
    const flat = toFlat(columns as unknown[]);
    if (ref.intercomId !== undefined && ref.intercomId !== flat.intercomId) {
      return missing(ref.intercomId, 'otherIntercom');
    }
    return { kind: 'flat', flat };
  };
}

export function createIntercomFinder(client: Database): IntercomFinder {
  const byId = client.prepare(INTERCOM_BY_ID).raw();
  const byExternalId = client.prepare(INTERCOM_BY_EXTERNAL_ID).raw();
  return (ref) => {
    const columns =
      ref.by === 'id' ? byId.get({ id: ref.intercomId }) : byExternalId.get({ externalId: ref.externalId });
    return columns ? toIntercom(columns as unknown[]) : undefined;
  };
}

/** Finds flats and intercoms by any connection. */
export const createReadFinders = ({ rows }: Statements): Pick<Reads, 'findFlat' | 'findIntercom'> => ({
  async findFlat(ref) {
    const [columns] =
      ref.by === 'id'
        ? rows(FLAT_BY_ID, { id: ref.flatId })
        : rows(FLAT_BY_NUMBER, { intercomId: ref.intercomId, flat: ref.flat });
    const flat = columns && toFlat(columns);
    return flat && (ref.intercomId === undefined || ref.intercomId === flat.intercomId) ? flat : undefined;
  },
  async findIntercom(ref) {
    const [columns] =
      ref.by === 'id'
        ? rows(INTERCOM_BY_ID, { id: ref.intercomId })
        : rows(INTERCOM_BY_EXTERNAL_ID, { externalId: ref.externalId });
    return columns && toIntercom(columns);
  },
});
