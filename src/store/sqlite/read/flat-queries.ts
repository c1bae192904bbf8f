import type { FlatFilter, FlatPosition, FlatSort } from '../../../domain/flat-filter.ts';
import { type Span, where } from '../../paging.ts';
import { masksOf } from '../../rows.ts';
import { FLAT_COLUMNS } from '../columns.ts';
import { f, text } from '../sql-text.ts';
import { flats } from '../tables.ts';
import { type ListPath, OF_INTERCOM, orderedPathOf } from './access-paths.ts';
import { conditionsOf, type GivenFilter, pick, valuesOf } from './flat-conditions.ts';
import type { Values } from './query.ts';
import { VISIBLE_FLAT } from './visible.ts';

export const ID = text`${f.id}`;
const NUMBER = text`${f.flat}`;
const UPDATED = [text`${f.updatedAt}`, text`${f.place}`] as const;
const OF_LINES = text`${f.lines}`;
const CHANGED = [text`${f.changed} = 0`, text`${f.changed} = 1`];
export const BY_ID = text`${flats} ${f} not indexed on ${f.id} = p.id`;
/** Flats whose ids are known. */
export const COLLECTED: ListPath = {
  along: 'json_each(@ids) j',
  join: text` cross join ${flats} ${f} not indexed on ${f.id} = j.value`,
  range: [],
  met: [],
  ranges: 'one',
  order: undefined,
  intercom: text`${f.intercomId}`,
};

/** How flats are read in the order of a sort: by this path within these filters, with tests of each flat. */
export interface Ordered {
  readonly path: ListPath;
  readonly by: FlatSort['by'];
  readonly bounds: FlatFilter;
  readonly tests: readonly string[];
}

export function orderedBy(filter: FlatFilter, by: FlatSort['by']): Ordered {
  const bounding: GivenFilter[] = ['lines'];
  if (by === 'UPDATED') bounding.push('changedSince');
  else if (filter.intercomId !== undefined) bounding.push('intercomId', 'flatFrom', 'flatTo');
  return {
    path: orderedPathOf(filter, by),
    by,
    bounds: pick(filter, bounding),
    tests: conditionsOf(filter, bounding),
  };
}

/** A filter, and the part of its list to read. */
export interface Asked {
  readonly filter: FlatFilter;
  readonly span: Span<FlatPosition>;
}

/**
 * An index range has one lower and one upper end, so the planner would use one of two and scan the rest: a far page would
 * cost more than the first. Where a filter and a position bound the same thing, the narrower one is left.
 */
export function narrow(filter: FlatFilter, by: FlatSort['by'], span: Span<FlatPosition>): Asked {
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

export function listQuery(path: ListPath, by: FlatSort['by'], asked: Asked): { sql: string; values: Values } {
  const { ids, order, only, values } = idsQuery(path, by, asked, '@limit');
  if (only) return { sql: `select ${FLAT_COLUMNS} from ${only}`, values };
  return { sql: `select ${FLAT_COLUMNS} from (${ids}) p cross join ${BY_ID} order by ${order}`, values };
}

/**
 * The ids of the first flats in the order of a sort, with their positions as `a` and `b`. Only these go through a sort, where one
 * is needed; flats are read after it. `only` is the source of a single range that is in order already.
 */
export function idsQuery(path: ListPath, by: FlatSort['by'], { filter, span }: Asked, limit: '@limit' | '@window') {
  const [first, second] = by === 'UPDATED' ? UPDATED : [path.intercom, NUMBER];
  const [direction, opposite] = span.down ? (['desc', 'asc'] as const) : (['asc', 'desc'] as const);
  const ordered = ` order by ${first} ${direction}, ${second} ${direction} limit ${limit}`;

  // The flats of a window are tested after they are read.
  const bounds = limit === '@limit' ? [VISIBLE_FLAT] : [];
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
  const isOrdered = path.order === by;
  const selects = parts.map(
    (part) => `select ${ID} as id, ${first} as a, ${second} as b from ${part}${isOrdered ? ordered : ''}`,
  );
  return {
    ids: `${selects.map((select) => `select * from (${select})`).join(' union all ')} order by a ${direction}, b ${direction} limit ${limit}`,
    only: isOrdered && parts.length === 1 ? parts[0] + ordered : undefined,
    order: `p.a ${direction}, p.b ${direction}`,
    back: `a ${opposite}, b ${opposite}`,
    parts: parts.length,
    values: { ...values, ...positions },
  };
}

/** What each range of a path reads: everything after `from`. */
export function partsOf(path: ListPath, filter: FlatFilter, bounds: readonly string[]) {
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
