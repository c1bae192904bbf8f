import { LINES, type Line, type LineStatistics as Statistics } from '../../domain/lines.ts';
import { COUNT_ALL, COUNTS_ALL, SHORT_LIST_COST } from '../engine/costs.ts';
import { enumValues, parseId } from './shared/arguments.ts';
import { builder } from './shared/builder.ts';

const DAY = 24 * 60 * 60 * 1_000;

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
      return store.lineStatistics(parseId('intercomId', intercomId, locale), until - DAY, until);
    },
  }),
);
