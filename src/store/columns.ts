import type { Column, Table } from 'drizzle-orm';
import { LINES, type Line } from '../domain/lines.ts';
import type { Text } from './sql-text.ts';

type Columns<Name extends string> = Table & Readonly<Record<Name, Column>>;
type Logged = 'seq' | 'changedAt' | 'actor' | 'channel' | 'reason' | 'flatId' | 'intercomId' | 'flat';

/** The tables of a dialect, under the names that they have in its statements. */
interface Named {
  readonly f: Columns<'id' | 'flat' | 'intercomId' | 'version' | 'updatedAt' | Line>;
  readonly c: Columns<Logged | `before_${Line}` | `after_${Line}`>;
  readonly pc: Columns<Logged | 'kind' | 'details'>;
  readonly i: Columns<'id' | 'title' | 'externalId' | 'flatFrom' | 'flatTo'>;
  readonly r: Columns<'firstSeq' | 'lastSeq' | 'changeSet'>;
  readonly keys: Columns<'flatId'>;
  readonly flatUsers: Columns<'flatId'>;
  readonly changeSetRuns: Table;
}

/** The columns that `rows.ts` decodes, in its order. */
export function columnsOf(text: Text, { f, c, pc, i, r, keys, flatUsers, changeSetRuns }: Named) {
  /** The change set of the row with a seq: that of the run around it, or the row itself. */
  const setOf = (seq: Column): string => text`coalesce((select case when ${r.lastSeq} >= ${seq} then ${r.changeSet} end
  from ${changeSetRuns} ${r} where ${r.firstSeq} <= ${seq} order by ${r.firstSeq} desc limit 1), ${seq})`;
  return {
    setOf,
    /** Of `flats f`, for `toFlat`; links are counted by their index. */
    flat: [
      text`${f.id}, ${f.flat}, ${f.intercomId}`,
      text`(select count(*) from ${keys} where ${keys.flatId} = ${f.id})`,
      text`(select count(*) from ${flatUsers} where ${flatUsers.flatId} = ${f.id})`,
      text`${f.version}, ${f.updatedAt}`,
      ...LINES.map((line) => text`${f[line]}`),
    ].join(', '),
    /** Of `changes c`, for `toChange`. */
    change: [
      text`${c.seq}, ${c.changedAt}, ${c.actor}, ${c.channel}, ${c.reason}, ${setOf(c.seq)}, ${c.flatId}, ${c.intercomId}, ${c.flat}`,
      ...LINES.map((line) => text`${c[`before_${line}`]}`),
      ...LINES.map((line) => text`${c[`after_${line}`]}`),
    ].join(', '),
    /** Of `provision_changes pc`, for `toProvision`. */
    provision: text`${pc.seq}, ${pc.changedAt}, ${pc.actor}, ${pc.channel}, ${pc.reason}, ${setOf(pc.seq)}, ${pc.kind},
  ${pc.intercomId}, ${pc.flatId}, ${pc.flat}, ${pc.details}`,
    /** Of `intercoms i`, for `toIntercom`. */
    intercom: text`${i.id}, ${i.title}, ${i.externalId}, ${i.flatFrom}, ${i.flatTo}`,
  };
}
