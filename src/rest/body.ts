import * as z from 'zod';
import { type Input, UNREADABLE, WHOLE_NUMBER } from '../domain/input.ts';
import { LINE_SPELLINGS, LINES, type Line } from '../domain/lines.ts';
import type { Field } from '../domain/refusal.ts';
import type { UpdateInput } from '../domain/update-flat.ts';
import { decodeText, isEmptyList, parseJson } from '../http/exchange/json.ts';

const SPELLINGS: Partial<Readonly<Record<Field, string>>> = {
  intercomId: 'intercom_id',
  flatId: 'flat_id',
  expectedVersion: 'If-Match',
  ...(Object.fromEntries(LINES.map((line) => [line, LINE_SPELLINGS[line].rest])) as Record<Line, string>),
};

/** A field's name in the vendor's spelling. */
export const restName = (field: Field): string => SPELLINGS[field] ?? field;

// What old callers really send: numbers as text, switches as 1 and 0. Whether a number fits is for the rules to say, not
// for the coercion. The description of the route is made of these schemas, too.
export const wholeNumber = z.union([z.int(), z.string().regex(WHOLE_NUMBER).transform(Number)]);

/** `null` and the empty text stand for an absent number. */
export const absent = z.union([z.null(), z.string().regex(/^\s*$/)]).transform(() => undefined);

const legacyInteger = z.union([...wholeNumber.options, absent]);

export const legacyBoolean = z.union([
  z.boolean(),
  z.literal([1, '1']).transform(() => true),
  z.literal([0, '0']).transform(() => false),
]);

/** Reads the fields of a body; what cannot be read is left for the rules to refuse, and unknown keys are ignored. */
export function updateFromBody(body: object): Omit<UpdateInput, 'acceptedVersions'> {
  function read<T>(schema: z.ZodType<T>, name: string): Input<T> {
    if (!Object.hasOwn(body, name)) return undefined;
    const result = schema.safeParse(body[name as keyof object]);
    return result.success ? result.data : UNREADABLE;
  }
  const lines = {} as Record<Line, Input<boolean>>;
  for (const line of LINES) lines[line] = read(legacyBoolean, LINE_SPELLINGS[line].rest);
  return {
    intercomId: read(legacyInteger, 'intercom_id'),
    flat: read(legacyInteger, 'flat'),
    flatId: read(legacyInteger, 'flat_id'),
    lines,
  };
}

/** A body that holds no object of fields. */
export type BodyProblem = 'bodyNotUtf8' | 'invalidJson' | 'notAnObject';

/**
 * JSON whatever the content type says, save that a form is read as a form; a form that begins with `{` is JSON all the
 * same, since that is what curl sends when it is given no header.
 */
export function parseBody(bytes: Buffer, contentType: string | undefined): object | BodyProblem {
  const text = decodeText(bytes)?.trim();
  if (text === undefined) return 'bodyNotUtf8';
  if (text === '') return {};
  if (!text.startsWith('{') && /^\s*application\/x-www-form-urlencoded\s*(;|$)/i.test(contentType ?? '')) {
    return Object.fromEntries(new URLSearchParams(text));
  }
  const parsed = parseJson(text);
  if (typeof parsed === 'string') return 'invalidJson';
  const { value } = parsed;
  if (isEmptyList(value)) return {};
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : 'notAnObject';
}
