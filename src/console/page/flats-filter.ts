import { type FlatLines, fieldOf, hasLine, LINES, type Line } from './lines.ts';
import type { IntercomFlatFilter } from './operations.ts';
import type { Query } from './route.ts';

/** The names of conditions in the address of a list of flats, in the order of their fields. */
export const CONDITIONS = [
  'address',
  'from',
  'to',
  'smartphone',
  'landline',
  'handset',
  'key',
  'login',
  'since',
  'intercom',
] as const;

export type Condition = (typeof CONDITIONS)[number];

export const LINE_CONDITIONS: Readonly<Record<Line, Condition>> = {
  smartphoneSip: 'smartphone',
  landlineSip: 'landline',
  analog: 'handset',
};

/** The conditions of an address as the service takes them; what is empty does not restrict. */
export function filterOf(query: URLSearchParams): IntercomFlatFilter {
  const text = (it: Condition) => query.get(it)?.trim() || undefined;
  // What is no number, moment, on or off goes to the service as it is, and is refused: left out, it would widen the list.
  const whole = (it: Condition) => {
    const given = text(it);
    return given === undefined || !Number.isSafeInteger(Number(given)) ? (given as undefined) : Number(given);
  };
  return {
    intercomTitle: text('address'),
    flatFrom: whole('from'),
    flatTo: whole('to'),
    keyCode: text('key'),
    userLogin: text('login'),
    changedSince: momentOf(text('since')),
    intercomId: text('intercom'),
    ...Object.fromEntries(
      LINES.flatMap((line) => {
        const wanted = text(LINE_CONDITIONS[line]);
        const value = wanted === 'on' || (wanted === 'off' ? false : wanted);
        return wanted === undefined ? [] : [[fieldOf(line), value]];
      }),
    ),
  };
}

/** The moment of a field, which has no zone, in UTC; a text that is none stays as it is. */
export function momentOf(text: string | undefined): string | undefined {
  // Browsers read much more than the fields can show.
  const time = /^[\d-]{10}T[\d:.]+$/.test(text ?? '') ? Date.parse(text ?? '') : Number.NaN;
  return Number.isNaN(time) ? text : new Date(time).toISOString();
}

/** A moment as the value of such a field, to the minute. */
export function fieldMoment(moment: string): string {
  const time = new Date(moment);
  return new Date(time.getTime() - time.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

/** Conditions without those that do not restrict, which an update refuses to take for "all". */
export function selectionOf(filter: IntercomFlatFilter): { all?: true; filter?: IntercomFlatFilter } {
  const given = Object.entries(filter).filter(([, value]) => value !== undefined);
  const isOfLines = (name: string) => LINES.some((it) => fieldOf(it) === name);
  const narrows = given.some(([name]) => !isOfLines(name));
  return {
    ...(!narrows && { all: true as const }),
    ...(given.length > 0 && { filter: Object.fromEntries(given) }),
  };
}

/** The conditions under which a list has the flats with just these lines. */
export const conditionsOf = (lines: FlatLines): Query =>
  Object.fromEntries(LINES.map((it) => [LINE_CONDITIONS[it], hasLine(lines, it) ? 'on' : 'off']));
