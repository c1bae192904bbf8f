import * as z from 'zod';
import type { FlatRefInput } from '../domain/flat-ref.ts';
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

/** A form has only text, in which switches may be words, too. */
export const formBoolean = z.union([
  ...legacyBoolean.options,
  // The classes spell out what a flag would say, since JSON Schema has none.
  z
    .string()
    .regex(/^[Tt][Rr][Uu][Ee]$/)
    .transform(() => true),
  z
    .string()
    .regex(/^[Ff][Aa][Ll][Ss][Ee]$/)
    .transform(() => false),
]);

/** The keys that name a flat, and all that an update reads. */
export const REF_KEYS = ['intercom_id', 'flat', 'flat_id'] as const;
export const UPDATE_KEYS: readonly string[] = [...REF_KEYS, ...LINES.map(restName)];

/** Reads one field; what cannot be read is left for the rules to refuse. */
function readField<T>(schema: z.ZodType<T>, fields: object, name: string): Input<T> {
  if (!Object.hasOwn(fields, name)) return undefined;
  const result = schema.safeParse(fields[name as keyof object]);
  return result.success ? result.data : UNREADABLE;
}

/** Reads what names a flat. */
export const flatRefFrom = (fields: object): FlatRefInput => ({
  intercomId: readField(legacyInteger, fields, 'intercom_id'),
  flat: readField(legacyInteger, fields, 'flat'),
  flatId: readField(legacyInteger, fields, 'flat_id'),
});

/** Reads the fields of an update; unknown keys are ignored. */
export function updateFromBody({ fields, isForm }: Body): Omit<UpdateInput, 'acceptedVersions'> {
  const lines = {} as Record<Line, Input<boolean>>;
  for (const line of LINES) lines[line] = readField(isForm ? formBoolean : legacyBoolean, fields, restName(line));
  return { ...flatRefFrom(fields), lines };
}

export interface Body {
  readonly fields: object;
  /** Whether it came as a form: all values are text then. */
  readonly isForm: boolean;
}

/** A body that holds no object of fields. */
export type BodyProblem = 'bodyNotUtf8' | 'invalidJson' | 'notAnObject';

/** The fields of a form, and of the query of an address; of a repeated one the last counts, as in PHP. */
export const formFields = (text: string): object => Object.fromEntries(new URLSearchParams(text));

/**
 * JSON whatever the content type says, save that a form is read as a form; a form that begins with `{` is JSON all the
 * same, since that is what curl sends when it is given no header.
 */
export function parseBody(bytes: Buffer, contentType: string | undefined): Body | BodyProblem {
  const text = decodeText(bytes)?.trim();
  if (text === undefined) return 'bodyNotUtf8';
  if (text === '') return NO_FIELDS;
  if (!text.startsWith('{') && /^\s*application\/x-www-form-urlencoded\s*(;|$)/i.test(contentType ?? '')) {
    return { fields: formFields(text), isForm: true };
  }
  const parsed = parseJson(text);
  if (typeof parsed === 'string') return 'invalidJson';
  const { value } = parsed;
  if (isEmptyList(value)) return NO_FIELDS;
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? { fields: value, isForm: false }
    : 'notAnObject';
}

const NO_FIELDS: Body = { fields: {}, isForm: false };
