import type { FlatRefInput } from '../domain/flat-ref.ts';
import type { Input } from '../domain/input.ts';
import { LINE_SPELLINGS, LINES, type Line } from '../domain/lines.ts';
import type { Field } from '../domain/refusal.ts';
import type { UpdateInput } from '../domain/update-flat.ts';
import { decodeText, isEmptyList, parseJson } from '../http/exchange/json.ts';
import { type Coercion, FORM_SWITCH, INTEGER, SWITCH } from './coercions.ts';

const SPELLINGS: Partial<Readonly<Record<Field, string>>> = {
  intercomId: 'intercom_id',
  flatId: 'flat_id',
  expectedVersion: 'If-Match',
  ...(Object.fromEntries(LINES.map((line) => [line, LINE_SPELLINGS[line].rest])) as Record<Line, string>),
};

/** A field's name in the vendor's spelling. */
export const restName = (field: Field): string => SPELLINGS[field] ?? field;

/** The keys that name a flat, and all that an update reads. */
export const REF_KEYS = ['intercom_id', 'flat', 'flat_id'] as const;
export const UPDATE_KEYS: readonly string[] = [...REF_KEYS, ...LINES.map(restName)];

/** Reads one field; what cannot be read is left for the rules to refuse. */
const readField = <T>({ read }: Coercion<T>, fields: object, name: string): Input<T> =>
  Object.hasOwn(fields, name) ? read(fields[name as keyof object]) : undefined;

/** Reads what names a flat. */
export const flatRefFrom = (fields: object): FlatRefInput => ({
  intercomId: readField(INTEGER, fields, 'intercom_id'),
  flat: readField(INTEGER, fields, 'flat'),
  flatId: readField(INTEGER, fields, 'flat_id'),
});

/** Reads the fields of an update; unknown keys are ignored. */
export function updateFromBody({ fields, isForm }: Body): Omit<UpdateInput, 'acceptedVersions'> {
  const lines = {} as Record<Line, Input<boolean>>;
  for (const line of LINES) lines[line] = readField(isForm ? FORM_SWITCH : SWITCH, fields, restName(line));
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
