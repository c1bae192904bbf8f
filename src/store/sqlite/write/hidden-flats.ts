import type { Database } from 'better-sqlite3';
import { MAX_FLAT } from '../../../domain/input.ts';
import type { FlatRange } from '../../../domain/intercom.ts';
import { masksOf } from '../../rows.ts';
import type { LineCounts } from '../commit/line-counts.ts';
import { VISIBLE_FLAT } from '../read/visible.ts';
import { f, h, i, text } from '../sql-text.ts';
import { flats, hiddenFlats, intercoms } from '../tables.ts';

/**
 * Flats that nobody sees, inside a transaction: they are made or deleted in several commits. Flats come into sight by
 * `reveal` and leave it by `hide`; both keep the counts of the states of lines. Doomed flats are deleted by `sweep`, some at
 * a time.
 */
export interface HiddenFlats {
  /** Reserves numbers of which no flat is visible. */
  prepare(intercomId: number, range: FlatRange): void;
  /** Whether just these ranges, in ascending order, are reserved. */
  isPrepared(intercomId: number, ranges: readonly FlatRange[]): boolean;
  /** Makes the prepared flats of an intercom visible; returns how many. */
  reveal(intercomId: number): number;
  /** Hides the flats outside of a range, or all of them, and dooms them; returns how many. */
  hide(intercomId: number, stays: FlatRange | null): number;
  /** Dooms the prepared flats of an intercom, or of every one. */
  giveUp(intercomId?: number): void;
  /** Deletes up to `limit` doomed flats, and a hidden intercom with its last one. */
  sweep(limit: number): void;
  isEmpty(): boolean;
  hasDoomed(): boolean;
  /** Whether flats of an intercom are hidden. */
  isHiding(intercomId: number): boolean;
  /** Deletes all hidden flats of an intercom at once, and the intercom if it is hidden. */
  clear(intercomId: number): void;
}

type Ranges = readonly (readonly [from: number, to: number])[];

const MASKS = masksOf({});
const HIDDEN = text`${hiddenFlats} ${h}`;
const OF_RANGE = text`${f.intercomId} = ? and ${f.flat} between ? and ?`;

export function createHiddenFlats(client: Database, counts: LineCounts): HiddenFlats {
  const insert = client.prepare(
    text`insert into ${hiddenFlats} (intercom_id, flat_from, flat_to, is_doomed) values (?, ?, ?, ?)
      on conflict do update set flat_to = max(flat_to, excluded.flat_to), is_doomed = 1`,
  );
  const rangesOf = client
    .prepare(
      text`select ${h.flatFrom}, ${h.flatTo} from ${HIDDEN} where ${h.intercomId} = ? and ${h.isDoomed} = ? order by 1`,
    )
    .raw();
  const remove = client.prepare(text`delete from ${hiddenFlats} as h where ${h.intercomId} = ? and ${h.flatFrom} = ?`);
  const doom = client.prepare(
    text`update ${hiddenFlats} as h set is_doomed = 1 where ${h.isDoomed} = 0 and ${h.intercomId} = ifnull(?, ${h.intercomId})`,
  );
  const firstDoomed = client
    .prepare(text`select ${h.intercomId}, ${h.flatFrom}, ${h.flatTo} from ${HIDDEN} where ${h.isDoomed} = 1 limit 1`)
    .raw();
  const any = client.prepare(text`select 1 from ${hiddenFlats} limit 1`);
  const anyOf = client.prepare(text`select 1 from ${HIDDEN} where ${h.intercomId} = ? limit 1`);
  const countVisible = client
    .prepare(
      text`select count(*) from ${flats} ${f} indexed by flats_lines_intercom
        where ${f.lines} = ? and ${OF_RANGE} and ${VISIBLE_FLAT}`,
    )
    .pluck();
  // Their keys and users cascade.
  const removeFlats = client.prepare(
    text`delete from ${flats} where ${flats.id} in (select ${f.id} from ${flats} ${f} indexed by flats_intercom_flat
      where ${OF_RANGE} order by ${f.flat} limit ?)`,
  );
  const removeIntercom = client.prepare(
    text`delete from ${intercoms} as i where ${i.id} = ? and ${i.hidden} = 1
      and not exists (select 1 from ${HIDDEN} where ${h.intercomId} = ${i.id})`,
  );

  const prepared = (intercomId: number) => rangesOf.all(intercomId, 0) as Ranges;

  /** Counts visible flats as new ones, or with -1 as ones that are going; returns how many they are. */
  function count(intercomId: number, from: number, to: number, sign: 1 | -1): number {
    let total = 0;
    for (const mask of MASKS) {
      const found = countVisible.get(mask, intercomId, from, to) as number;
      counts.addFlats(mask, sign * found);
      total += found;
    }
    return total;
  }

  /** Deletes up to `limit` flats of a hidden range, and the range once it is empty; returns how many. */
  function sweepRange(intercomId: number, from: number, to: number, limit: number): number {
    const { changes } = removeFlats.run(intercomId, from, to, limit);
    if (changes < limit) {
      remove.run(intercomId, from);
      removeIntercom.run(intercomId);
    }
    return changes;
  }

  return {
    prepare: (intercomId, { from, to }) => void insert.run(intercomId, from, to, 0),
    isPrepared(intercomId, ranges) {
      const found = prepared(intercomId);
      return (
        found.length === ranges.length &&
        ranges.every(({ from, to }, n) => found[n]?.[0] === from && found[n]?.[1] === to)
      );
    },
    reveal(intercomId) {
      let revealed = 0;
      for (const [from, to] of prepared(intercomId)) {
        remove.run(intercomId, from);
        revealed += count(intercomId, from, to, 1);
      }
      return revealed;
    },
    hide(intercomId, stays) {
      const ranges: Ranges = stays
        ? [
            [1, stays.from - 1],
            [stays.to + 1, MAX_FLAT],
          ]
        : [[1, MAX_FLAT]];
      let hidden = 0;
      for (const [from, to] of ranges) {
        const found = count(intercomId, from, to, -1);
        if (found > 0) insert.run(intercomId, from, to, 1);
        hidden += found;
      }
      return hidden;
    },
    giveUp: (intercomId) => void doom.run(intercomId ?? null),
    sweep(limit) {
      for (let left = limit; left > 0; ) {
        const range = firstDoomed.get() as [number, number, number] | undefined;
        if (!range) return;
        left -= sweepRange(...range, left);
      }
    },
    isEmpty: () => any.get() === undefined,
    hasDoomed: () => firstDoomed.get() !== undefined,
    isHiding: (intercomId) => anyOf.get(intercomId) !== undefined,
    clear(intercomId) {
      doom.run(intercomId);
      for (const [from, to] of rangesOf.all(intercomId, 1) as Ranges) sweepRange(intercomId, from, to, MAX_FLAT);
    },
  };
}
