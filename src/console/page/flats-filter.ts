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

type Check = (value: string) => boolean;

const isOfLine: Check = (value) => value === 'on' || value === 'off';
const isFlatNumber: Check = (value) => /^\d{1,9}$/.test(value);
export const isId: Check = (value) => /^\d{1,15}$/.test(value);
/** As the fields for a moment have it: what they cannot show is no condition. */
export const isMoment: Check = (value) => /^[\d-]{10}T[\d:.]{5,12}$/.test(value) && !Number.isNaN(Date.parse(value));

/** What a condition must be; of the others, each text is one. */
export const CHECKS = {
  address: (value) => value.length >= 3,
  from: isFlatNumber,
  to: isFlatNumber,
  smartphone: isOfLine,
  landline: isOfLine,
  handset: isOfLine,
  since: isMoment,
  intercom: isId,
} satisfies Partial<Record<Condition, Check>>;

/** The first condition of an address that cannot be one, as it stands there: left out, it would widen the list. */
export function badCondition(query: URLSearchParams, checks: Readonly<Record<string, Check>>): string | undefined {
  const valueOf = (name: string) => query.get(name)?.trim() ?? '';
  const bad = Object.keys(checks).find((it) => valueOf(it) !== '' && checks[it]?.(valueOf(it)) === false);
  return bad && `${bad}=${valueOf(bad)}`;
}

/** The conditions of an address, of which none is bad, as the service takes them; what is empty does not restrict. */
export function filterOf(query: URLSearchParams): IntercomFlatFilter {
  const text = (it: Condition) => query.get(it)?.trim() || undefined;
  const whole = (it: Condition) => (text(it) === undefined ? undefined : Number(text(it)));
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
        return wanted === undefined ? [] : [[fieldOf(line), wanted === 'on']];
      }),
    ),
  };
}

/** The moment of a field, which has no zone, in UTC. */
export const momentOf = (text: string | undefined): string | undefined =>
  text === undefined ? undefined : new Date(text).toISOString();

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
