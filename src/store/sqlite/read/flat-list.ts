import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Flat } from '../../../domain/flat.ts';
import type { FlatFilter, FlatPosition, FlatSort } from '../../../domain/flat-filter.ts';
import { type Counted, countedUpTo, type Page } from '../../../domain/page.ts';
import { listed, type Span, spanOf, where } from '../../paging.ts';
import { masksOf, toFlat } from '../../rows.ts';
import type { Reads } from '../../store.ts';
import { FLAT_COLUMNS } from '../columns.ts';
import { text } from '../sql-text.ts';
import { lineCounts } from '../tables.ts';
import { candidatesOf, type ListPath, perUpdate, scanPathOf } from './access-paths.ts';
import { conditionsOf, pick, valuesOf } from './flat-conditions.ts';
import {
  type Asked,
  BY_ID,
  COLLECTED,
  ID,
  idsQuery,
  listQuery,
  narrow,
  type Ordered,
  orderedBy,
  partsOf,
} from './flat-queries.ts';
import { LIMITS, type ReadLimits } from './limits.ts';
import type { Reader } from './query.ts';
import { VISIBLE_FLAT } from './visible.ts';

/** After so many windows that did not fill a page, all matches are looked for: they may be few. */
const WINDOWS_BEFORE_SCAN = 8;
/** A path that finds so few flats needs no better one. */
const SELECTIVE = 100;

const COUNT_BY_LINES = text`select sum(${lineCounts.flats}) from ${lineCounts}
  where ${lineCounts.lines} in (select value from json_each(@masks))`;

/**
 * No filter makes a statement long. A path that finds few flats is read as a whole. Otherwise flats are read in the order of
 * the sort and tested, window by window, until the page is full; others are served between two windows.
 */
export function createFlatLists(reader: Reader, limits = LIMITS): Pick<Reads, 'listFlats' | 'countFlats'> {
  /** The path that finds the fewest flats, if they are few. */
  function smallestPath(filter: FlatFilter): ListPath | undefined {
    let smallest: ListPath | undefined;
    let least = limits.sorted + 1;
    for (const { path, filters } of candidatesOf(filter)) {
      const { parts, values } = partsOf(path, pick(filter, filters), []);
      const rows = (path.size ? [path.size] : parts).map((part) => `select 1 from ${part}`).join(' union all ');
      const found = reader.number(`select count(*) from (${rows} limit @limit)`, { ...values, limit: least });
      if (found < least) [smallest, least] = [path, found];
      if (least <= SELECTIVE) break;
    }
    return smallest;
  }

  function readPage(path: ListPath, by: FlatSort['by'], asked: Asked, limit: number): readonly Flat[] {
    const { sql, values } = listQuery(path, by, asked);
    return reader.rows(sql, { ...values, limit }).map(toFlat);
  }

  /** Up to `limit` flats that pass the tests, in the order of a path. */
  async function readInWindows(ordered: Ordered, filter: FlatFilter, span: Span<FlatPosition>, limit: number) {
    const { path, by, bounds, tests } = ordered;
    const found = new Map<number, Flat>();
    let rest = span;
    for (let windows = 1; ; windows++) {
      const { ids, order, back, parts, ...query } = idsQuery(path, by, narrow(bounds, by, rest), '@window');
      // Each part of a window has up to all of its rows.
      const window = Math.ceil(limits.window / parts);
      const values = { ...valuesOf(filter), ...query.values, window };
      const step = reader.snapshot(({ rows }) => ({
        matches: rows(
          `select ${FLAT_COLUMNS} from (${ids}) p cross join ${BY_ID}${where([...tests, VISIBLE_FLAT])} order by ${order} limit @limit`,
          { ...values, limit: limit - found.size },
        ).map(toFlat),
        last: rows(`select a, b, count(*) over () from (${ids}) order by ${back} limit 1`, values)[0],
      }));
      // A flat that is updated between two windows may come twice.
      for (const flat of step.matches) if (!found.has(flat.id)) found.set(flat.id, flat);
      const [first, second, scanned] = (step.last ?? [0, 0, 0]) as [number, number, number];
      if (scanned < window || found.size >= limit) return [...found.values()];
      rest = { ...rest, [rest.down ? 'upper' : 'lower']: [first, second] };
      await nextTurn();
      const few = windows === WINDOWS_BEFORE_SCAN ? await collectFew(filter) : undefined;
      if (few) return readCollected(few, filter, by, span, limit);
    }
  }

  /** The ids of all flats that match, unless these are many. */
  async function collectFew(filter: FlatFilter): Promise<readonly number[] | undefined> {
    const collected: number[] = [];
    const ids = 'json_group_array(id) filter (where matches)';
    for await (const { gathered } of scanInSteps(reader, filter, limits.window, ids)) {
      collected.push(...(JSON.parse(gathered as string) as number[]));
      if (collected.length > limits.sorted) return undefined;
    }
    return collected;
  }

  /** The first of these flats in the order of a sort; those that no longer match are left out. */
  function readCollected(
    ids: readonly number[],
    filter: FlatFilter,
    by: FlatSort['by'],
    span: Span<FlatPosition>,
    limit: number,
  ): readonly Flat[] {
    const { sql, values } = listQuery(COLLECTED, by, narrow(filter, by, span));
    return reader.rows(sql, { ...values, ids: JSON.stringify(ids), limit }).map(toFlat);
  }

  return {
    async listFlats(filter, sort, page: Page<FlatPosition>) {
      const span = spanOf(page, sort.descending);
      const limit = page.limit + 1;
      const ordered = orderedBy(filter, sort.by);
      if (ordered.tests.length === 0) {
        return listed(readPage(ordered.path, sort.by, narrow(ordered.bounds, sort.by, span), limit), page);
      }
      const path = smallestPath(filter);
      if (path) return listed(readPage(path, sort.by, narrow(filter, sort.by, span), limit), page);
      return listed(await readInWindows(ordered, filter, span, limit), page);
    },
    async countFlats(filter) {
      if (conditionsOf(filter, ['lines']).length === 0) {
        const masks = JSON.stringify(masksOf(filter.lines));
        return { count: reader.number(COUNT_BY_LINES, { masks }), isExact: true };
      }
      const path = smallestPath(filter);
      if (!path) return countInSteps(reader, filter, limits);
      const { parts, values } = partsOf(path, filter, [VISIBLE_FLAT]);
      const sql = `select ${parts.map((part) => `(select count(*) from ${part})`).join(' + ')}`;
      return countedUpTo(reader.number(sql, values), limits.counted);
    },
  };
}

/** Counts flats of which many may match, in statements of bounded length; others are served in between. */
async function countInSteps(
  reader: Reader,
  filter: FlatFilter,
  { window, counted, testedToCount }: ReadLimits,
): Promise<Counted> {
  if (conditionsOf(filter, ['lines', 'changedSince']).length === 0) {
    const { parts, values } = partsOf(perUpdate, filter, [VISIBLE_FLAT]);
    const rows = parts.map((part) => `select 1 from ${part}`).join(' union all ');
    const found = reader.number(`select count(*) from (${rows} limit @limit)`, { ...values, limit: counted + 1 });
    return countedUpTo(found, counted);
  }
  let [count, tested] = [0, 0];
  for await (const { scanned, gathered } of scanInSteps(reader, filter, window, 'sum(matches)')) {
    count += (gathered as number | null) ?? 0;
    tested += scanned;
    if (count > counted) break;
    if (tested >= testedToCount && scanned === window) return { count, isExact: false };
  }
  return countedUpTo(count, counted);
}

/** Tests all flats that may match, `window` of them in each statement; yields how many, and what it `gathers` of them. */
async function* scanInSteps(reader: Reader, filter: FlatFilter, window: number, gathers: string) {
  const { along, join, range, met, position } = scanPathOf(filter);
  const tests = [...conditionsOf(filter, met), VISIBLE_FLAT];
  const step = `select count(*), max(position), ${gathers} from (
    select ${ID} as id, ${position} as position, ${tests.join(' and ')} as matches from ${along}${join}
    ${where([...range, `${position} > @after`])} order by ${position} limit @window)`;
  const values = valuesOf(filter);
  for (let after = 0; ; ) {
    const [row] = reader.rows(step, { ...values, after, window });
    const [scanned, last, gathered] = row as [number, number | null, unknown];
    yield { scanned, gathered };
    if (last === null || scanned < window) return;
    after = last;
    await nextTurn();
  }
}
