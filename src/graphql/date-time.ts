import { GraphQLError } from 'graphql';
import { builder } from './builder.ts';

const DATE_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$/i;

/** Milliseconds since 1970 inside, RFC 3339 outside. */
export const DateTime = builder.scalarType('DateTime', {
  description: 'A moment as RFC 3339 text, like `2026-11-23T20:30:00.000Z`; answers are in UTC with milliseconds.',
  serialize: (value) => new Date(value as number).toISOString(),
  parseValue: (value) => {
    const time = typeof value === 'string' && DATE_TIME.test(value) ? Date.parse(value) : Number.NaN;
    if (Number.isNaN(time)) {
      throw new GraphQLError('DateTime must be RFC 3339 text with a time zone, like 2026-11-23T20:30:00Z');
    }
    return time;
  },
});
