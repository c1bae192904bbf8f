import { toFlat, toIntercom } from '../../rows.ts';
import type { Reads } from '../../store.ts';
import { FLAT_COLUMNS, INTERCOM_COLUMNS } from '../columns.ts';
import { f, i, text } from '../sql-text.ts';
import { flats, intercoms } from '../tables.ts';
import type { Reader } from './query.ts';

const FLAT_BY_ID = text`select ${FLAT_COLUMNS} from ${flats} ${f} where ${f.id} = @id`;
const FLAT_BY_NUMBER = text`select ${FLAT_COLUMNS} from ${flats} ${f} where ${f.intercomId} = @intercomId and ${f.flat} = @flat`;
export const INTERCOM_BY_ID = text`select ${INTERCOM_COLUMNS} from ${intercoms} ${i} where ${i.id} = @id`;
export const INTERCOM_BY_EXTERNAL_ID = text`select ${INTERCOM_COLUMNS} from ${intercoms} ${i} where ${i.externalId} = @externalId`;

/** Finds flats and intercoms. */
export const createReadFinders = ({ prepared }: Reader): Pick<Reads, 'findFlat' | 'findIntercom'> => ({
  async findFlat(ref) {
    const [columns] =
      ref.by === 'id'
        ? await prepared(FLAT_BY_ID, { id: ref.flatId })
        : await prepared(FLAT_BY_NUMBER, { intercomId: ref.intercomId, flat: ref.flat });
    const flat = columns && toFlat(columns);
    return flat && (ref.intercomId === undefined || ref.intercomId === flat.intercomId) ? flat : undefined;
  },
  async findIntercom(ref) {
    const [columns] =
      ref.by === 'id'
        ? await prepared(INTERCOM_BY_ID, { id: ref.intercomId })
        : await prepared(INTERCOM_BY_EXTERNAL_ID, { externalId: ref.externalId });
    return columns && toIntercom(columns);
  },
});
