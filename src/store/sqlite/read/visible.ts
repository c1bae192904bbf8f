import { f, h, i, text } from '../sql-text.ts';
import { hiddenFlats } from '../tables.ts';

/** The conditions under which `flats f` and `intercoms i` exist for callers. */
export const VISIBLE_FLAT = text`not exists (select 1 from ${hiddenFlats} ${h}
  where ${h.intercomId} = ${f.intercomId} and ${f.flat} between ${h.flatFrom} and ${h.flatTo})`;
export const VISIBLE_INTERCOM = text`${i.hidden} = 0`;
