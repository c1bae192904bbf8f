import { badInput } from './arguments.ts';
import { builder } from './builder.ts';

const DATE_TIME = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.\d{1,9})?(?:Z|[+-](\d\d):(\d\d))$/i;

/** Milliseconds since 1970; `undefined` for what is no moment. `Date.parse` would take the 30th of February for the 2nd of March. */
export function parseDateTime(text: string): number | undefined {
  const [, local, hours = '00', minutes = '00'] = DATE_TIME.exec(text) ?? [];
  if (local === undefined || Number(hours) > 23 || Number(minutes) > 59) return undefined;
  const wall = Date.parse(`${local}Z`);
  if (Number.isNaN(wall) || new Date(wall).toISOString().slice(0, local.length) !== local.toUpperCase())
    return undefined;
  return Date.parse(text.toUpperCase());
}

/** Milliseconds since 1970 inside, RFC 3339 outside. */
export const DateTime = builder.scalarType('DateTime', {
  specifiedByURL: 'https://www.rfc-editor.org/rfc/rfc3339#section-5.6',
  description: 'A moment as RFC 3339 text, like `2026-11-23T20:30:00.000Z`; answers are in UTC with milliseconds.',
  serialize: (value) => new Date(value as number).toISOString(),
  parseValue: (value) => {
    const time = typeof value === 'string' ? parseDateTime(value) : undefined;
    if (time === undefined) {
      throw badInput('DateTime must be a real moment as RFC 3339 text with a time zone, like 2026-11-23T20:30:00Z');
    }
    return time;
  },
});
