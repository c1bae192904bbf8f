import type { FlatFilter, FlatPosition, FlatSort } from '../../../domain/flat-filter.ts';
import type { Reads } from '../../store.ts';
import { FLAT_COLUMNS, masksOf, toFlat } from '../rows.ts';
import { f, text } from '../sql-text.ts';
import { flats, lineCounts } from '../tables.ts';
import { type ListPath, listPathOf, OF_INTERCOM } from './access-paths.ts';
import { conditionsOf, valuesOf } from './flat-conditions.ts';
import { listed, type Span, type Statements, spanOf, type Values, where } from './query.ts';

export function createFlatLists({ rows, number }: Statements): Pick<Reads, 'listFlats' | 'countFlats'> {
  return {
    async listFlats(filter, sort, page) {
      const span = spanOf(page, sort.descending);
      const { sql, values } = listQuery(listPathOf(filter, sort), sort.by, narrow(filter, sort.by, span));
      return listed(rows(sql, { ...values, limit: page.limit + 1 }).map(toFlat), page);
    },
    async countFlats(filter) {
      if (conditionsOf(filter, ['lines']).length === 0) {
        const masks = JSON.stringify(masksOf(filter.lines));
        return number(COUNT_BY_LINES, { masks });
      }
      const path = listPathOf(filter, { by: 'INTERCOM', descending: false });
      const { parts, values } = partsOf(path, filter, []);
      return number(`select ${parts.map((part) => `(select count(*) from ${part})`).join(' + ')}`, values);
    },
  };
}

const COUNT_BY_LINES = text`select sum(${lineCounts.flats}) from ${lineCounts}
  where ${lineCounts.lines} in (select value from json_each(@masks))`;
const ID = text`${f.id}`;
const NUMBER = text`${f.flat}`;
const UPDATED = [text`${f.updatedAt}`, text`${f.place}`] as const;
const OF_LINES = text`${f.lines}`;
const CHANGED = [text`${f.changed} = 0`, text`${f.changed} = 1`];
const BY_ID = text`${flats} ${f} not indexed on ${f.id} = p.id`;

/** A filter, and the part of its list to read. */
interface Asked {
  readonly filter: FlatFilter;
  readonly span: Span<FlatPosition>;
}

/**
 * An index range has one lower and one upper end, so the planner would use one of two and scan the rest: a far page would
 * cost more than the first. Where a filter and a position bound the same thing, the narrower one is left.
 */
function narrow(filter: FlatFilter, by: FlatSort['by'], span: Span<FlatPosition>): Asked {
  const { lower, upper } = span;
  if (by === 'INTERCOM' && filter.intercomId !== undefined) {
    const { intercomId, flatFrom = 0, flatTo = Number.MAX_SAFE_INTEGER } = filter;
    const from = lower && (lower[0] < intercomId ? 0 : lower[0] > intercomId ? Number.MAX_SAFE_INTEGER : lower[1] + 1);
    const to = upper && (upper[0] > intercomId ? Number.MAX_SAFE_INTEGER : upper[0] < intercomId ? 0 : upper[1] - 1);
    return {
      filter: {
        ...filter,
        ...(from !== undefined && { flatFrom: Math.max(from, flatFrom) }),
        ...(to !== undefined && { flatTo: Math.min(to, flatTo) }),
      },
      span: { ...span, lower: undefined, upper: undefined },
    };
  }
  if (by === 'UPDATED' && filter.changedSince !== undefined) {
    const { changedSince, ...others } = filter;
    const since: FlatPosition = [changedSince, 0];
    return { filter: others, span: { ...span, lower: lower && lower[0] >= changedSince ? lower : since } };
  }
  return { filter, span };
}

function listQuery(path: ListPath, by: FlatSort['by'], { filter, span }: Asked): { sql: string; values: Values } {
  const [first, second] = by === 'UPDATED' ? UPDATED : [path.intercom, NUMBER];
  const direction = span.down ? 'desc' : 'asc';
  const order = `order by ${first} ${direction}, ${second} ${direction} limit @limit`;

  const bounds: string[] = [];
  const positions: Record<string, number> = {};
  for (const [end, sign] of [
    ['lower', '>'],
    ['upper', '<'],
  ] as const) {
    const position = span[end];
    if (!position) continue;
    [positions[`${end}0`], positions[`${end}1`]] = position;
    bounds.push(`(${first}, ${second}) ${sign} (@${end}0, @${end}1)`);
    // A comparison across two tables is no range of either.
    if (first === OF_INTERCOM) bounds.push(`${first} ${sign}= @${end}0`);
  }

  const { parts, values } = partsOf(path, filter, bounds);
  const ordered = path.order === by;
  if (ordered && parts.length === 1) {
    return { sql: `select ${FLAT_COLUMNS} from ${parts[0]} ${order}`, values: { ...values, ...positions } };
  }
  // Only the ids go through the sort; the flats of the page are read after it.
  const selects = parts.map(
    (part) => `select ${ID} as id, ${first} as a, ${second} as b from ${part}${ordered ? ` ${order}` : ''}`,
  );
  const ids = `${selects.map((select) => `select * from (${select})`).join(' union all ')} order by a ${direction}, b ${direction} limit @limit`;
  return {
    sql: `select ${FLAT_COLUMNS} from (${ids}) p cross join ${BY_ID} order by p.a ${direction}, p.b ${direction}`,
    values: { ...values, ...positions },
  };
}

/** What each range of a path reads: everything after `from`. */
function partsOf(path: ListPath, filter: FlatFilter, bounds: readonly string[]) {
  const conditions = [...path.range, ...conditionsOf(filter, path.met), ...bounds];
  const values = valuesOf(filter);
  const part = (range: readonly string[]) => path.along + path.join + where([...range, ...conditions]);
  if (path.ranges === 'one') return { parts: [part([])], values };
  const masks = masksOf(filter.lines);
  const ranges = masks.map((_, index) => [`${OF_LINES} = @lines${index}`]);
  return {
    parts: (path.ranges === 'perLines'
      ? ranges
      : CHANGED.flatMap((changed) => ranges.map((range) => [...range, changed]))
    ).map(part),
    values: { ...values, ...Object.fromEntries(masks.map((mask, index) => [`lines${index}`, mask])) },
  };
}
