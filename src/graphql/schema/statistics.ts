import { LINE_STATES, LINES, type Line, type Lines, type LineStatistics as Statistics } from '../../domain/lines.ts';
import type { SilentIntercom } from '../../store/store.ts';
import { COUNT_ALL, COUNTS_ALL, FIRST_COST, READ, SHORT_LIST_COST } from '../engine/costs.ts';
import { IntercomFlatProperties } from './flat.ts';
import { Intercom } from './intercom.ts';
import { enumValues, firstArg, parseId, requireFirst } from './shared/arguments.ts';
import { builder } from './shared/builder.ts';
import { DAY_MS } from './shared/loaders.ts';

/** GraphQL's spelling of a line: `SMARTPHONE_SIP`. */
type LineName = 'SMARTPHONE_SIP' | 'LANDLINE_SIP' | 'ANALOG';

const NAMES: Readonly<Record<Line, LineName>> = {
  smartphoneSip: 'SMARTPHONE_SIP',
  landlineSip: 'LANDLINE_SIP',
  analog: 'ANALOG',
};

const LineEnum = builder.enumType('Line', {
  description: 'A phone line that can ring in a flat.',
  values: enumValues<LineName>({
    SMARTPHONE_SIP: "The residents' smartphones (SIP).",
    LANDLINE_SIP: 'The landline number (SIP).',
    ANALOG: 'The analog handset on the wall.',
  }),
});

interface LineCount {
  readonly line: Line;
  readonly available: number;
  readonly unavailable: number;
}

const LineStatistic = builder.objectRef<LineCount>('LineStatistic').implement({
  description: 'In how many flats one line is available.',
  fields: (t) => ({
    line: t.field({ type: LineEnum, description: 'The line.', resolve: ({ line }) => NAMES[line] }),
    available: t.exposeInt('available', { description: 'Flats in which it is available.' }),
    unavailable: t.exposeInt('unavailable', { description: 'Flats in which it is not.' }),
  }),
});

interface StateCount {
  readonly lines: Lines;
  readonly flats: number;
}

const LinesStateCount = builder.objectRef<StateCount>('LinesStateCount').implement({
  description: 'How many flats have just these lines.',
  fields: (t) => ({
    properties: t.expose('lines', { type: IntercomFlatProperties, description: 'Which lines ring in them.' }),
    flats: t.exposeInt('flats', { description: 'How many flats.' }),
  }),
});

const LineStatistics = builder.objectRef<Statistics>('LineStatistics').implement({
  description: 'How many flats have each line, all counted at one moment.',
  fields: (t) => ({
    flats: t.exposeInt('flats', { description: 'All flats.' }),
    changedLastDay: t.exposeInt('changed', { description: 'Flats whose lines were changed in the last 24 hours.' }),
    lines: t.field({
      type: [LineStatistic],
      description: `Each line, always in the same order. ${SHORT_LIST_COST}`,
      resolve: ({ flats, available }) =>
        LINES.map((line) => ({ line, available: available[line], unavailable: flats - available[line] })),
    }),
    states: t.field({
      type: [LinesStateCount],
      description: `Every combination of lines, always in the same order, also those that no flat has. ${SHORT_LIST_COST}`,
      resolve: ({ states }) => states.map((flats, state) => ({ lines: LINE_STATES[state] as Lines, flats })),
    }),
  }),
});

builder.queryField('lineStatistics', (t) =>
  t.field({
    ...COUNTS_ALL,
    type: LineStatistics,
    nullable: true,
    description: `The lines of one intercom, or of all. Counts as ${COUNT_ALL}.`,
    args: { intercomId: t.arg.id({ description: 'Only this intercom; all when it is left out.' }) },
    resolve: (_, { intercomId }, { store, locale, now }) => {
      const until = now();
      return store.lineStatistics(parseId('intercomId', intercomId, locale), until - DAY_MS, until);
    },
  }),
);

builder.objectField(Intercom, 'lineStatistics', (t) =>
  t.field({
    ...COUNTS_ALL,
    type: LineStatistics,
    nullable: true,
    description: `The lines of its flats. Counts as ${READ}.`,
    resolve: async ({ id }, _, { loaders }) => (await loaders.lineStatistics.load(id)) ?? null,
  }),
);

const SilentIntercomType = builder.objectRef<SilentIntercom>('SilentIntercom').implement({
  description: 'An intercom with flats in which nothing rings.',
  fields: (t) => ({
    intercom: t.field({
      type: Intercom,
      nullable: true,
      description: 'The intercom; null when it was deleted after its flats were counted.',
      resolve: async ({ intercomId }, _, { loaders }) => (await loaders.intercom.load(intercomId)) ?? null,
    }),
    silentFlats: t.exposeInt('silentFlats', { description: 'In how many of its flats no line rings.' }),
  }),
});

builder.queryField('silentIntercoms', (t) =>
  t.field({
    ...COUNTS_ALL,
    type: [SilentIntercomType],
    nullable: true,
    description: `The intercoms with the most flats in which nothing rings, the most first. ${FIRST_COST} Counts as ${COUNT_ALL} more.`,
    args: { first: firstArg(t) },
    resolve: (_, { first }, { store }) => store.silentIntercoms(requireFirst(first)),
  }),
);
