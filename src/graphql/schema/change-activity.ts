import { setImmediate as nextTurn } from 'node:timers/promises';
import { countedUpTo, MAX_COUNT } from '../../domain/page.ts';
import { COUNT_ALL, COUNTS_ALL } from '../engine/costs.ts';
import { ChangeFilter, ChangeKind, KINDS_OF_LIST, readChangeFilter } from './change.ts';
import { badInput, enumValues } from './shared/arguments.ts';
import { builder } from './shared/builder.ts';
import { DateTime } from './shared/date-time.ts';

const HOUR_MS = 60 * 60 * 1_000;

/** How long the spans are that changes are counted in. */
const SPANS_MS = { HOUR: HOUR_MS, DAY: 24 * HOUR_MS } as const;

/** A week by the hour, or half a year by the day. Counting them all then takes about as long as any count of everything. */
const MAX_SPANS = 192;

const ActivitySpan = builder.enumType('ActivitySpan', {
  description: 'The length of a span of time.',
  values: enumValues<keyof typeof SPANS_MS>({ HOUR: 'An hour.', DAY: '24 hours.' }),
});

interface Activity {
  readonly from: number;
  readonly to: number;
  readonly changes: number;
  readonly changesIsExact: boolean;
}

const ChangeActivity = builder.objectRef<Activity>('ChangeActivity').implement({
  description: 'How many changes there were in a span of time.',
  fields: (t) => ({
    from: t.expose('from', { type: DateTime, description: 'The beginning of the span.' }),
    to: t.expose('to', { type: DateTime, description: 'Its end, which belongs to the next span.' }),
    changes: t.exposeInt('changes', { description: `How many changes, counted up to ${MAX_COUNT}.` }),
    changesIsExact: t.exposeBoolean('changesIsExact', {
      description: 'Whether there were just so many; otherwise there were at least so many.',
    }),
  }),
});

builder.queryField('changeActivity', (t) =>
  t.field({
    ...COUNTS_ALL,
    type: [ChangeActivity],
    nullable: true,
    description: `How many changes there were in each hour or day from one moment to another, at most ${MAX_SPANS}; the last span may be shorter. Counts as ${COUNT_ALL}.`,
    args: {
      from: t.arg({ type: DateTime, required: true, description: 'Where the first span begins.' }),
      to: t.arg({ type: DateTime, required: true, description: 'Where the last span ends.' }),
      per: t.arg({ type: ActivitySpan, required: true, description: 'How long each span is.' }),
      filter: t.arg({
        type: ChangeFilter,
        description: 'Which changes, without `from` and `to`; all when it is left out.',
      }),
      kinds: t.arg({ type: [ChangeKind], description: KINDS_OF_LIST }),
    },
    async resolve(_, { from, to, per, filter, kinds }, context) {
      if (filter?.from != null || filter?.to != null) throw badInput('Send from and to beside the filter, not in it.');
      if (from > to) throw badInput('from must not be later than to.');
      const spanMs = SPANS_MS[per];
      if (to - from > MAX_SPANS * spanMs) throw badInput(`from and to may be ${MAX_SPANS} spans apart at the most.`);
      const wanted = await readChangeFilter(filter, kinds, context);
      const spans: Activity[] = [];
      for (let start = from; start < to; start += spanMs) {
        const span = { from: start, to: Math.min(start + spanMs, to) };
        const found = await context.store.countChanges({ ...wanted, ...span }, undefined, MAX_COUNT + 1);
        const { count, isExact } = countedUpTo(found, MAX_COUNT);
        spans.push({ ...span, changes: count, changesIsExact: isExact });
        // A count is short, but not all of them together.
        await nextTurn();
      }
      return spans;
    },
  }),
);
