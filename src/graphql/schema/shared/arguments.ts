import { GraphQLError } from 'graphql';
import { type FlatRefInput, requireInteger } from '../../../domain/flat-ref.ts';
import { type IdInput, integerFromText, MAX_ID, OTHER_TYPE, UNREADABLE } from '../../../domain/input.ts';
import { isTitleSearch, MIN_TITLE_SEARCH } from '../../../domain/intercom.ts';
import { MAX_REASON } from '../../../domain/limits.ts';
import { type Field, type FieldError, type Invalid, invalid, isInvalid } from '../../../domain/refusal.ts';
import { fieldErrorText, type Locale } from '../../../texts/index.ts';
import { withoutStacks } from '../../engine/without-stacks.ts';
import type { builder } from './builder.ts';
import { parseGlobalId } from './global-id.ts';

type Args = Parameters<Parameters<typeof builder.queryField>[1]>[0]['arg'];
type InputFields = Parameters<Parameters<typeof builder.inputType>[1]['fields']>[0];
type Id = string | number | null | undefined;

/** The types that the fields named like this refer to. */
const TYPES = { intercomId: 'Intercom', flatId: 'IntercomFlat' } as const;

/** A field that names a record: by its record id, or by its global id. */
type IdField = keyof typeof TYPES;

/** An `ID` argument as a record id; null counts as absent. */
export function toIdInput(field: IdField, id: Id): IdInput {
  if (id === null || id === undefined) return undefined;
  const record = integerFromText(String(id));
  if (record !== undefined) return record;
  const given = parseGlobalId(String(id));
  if (given === undefined) return UNREADABLE;
  return given.type === TYPES[field] ? (given.record as number) : OTHER_TYPE;
}

/** The fields of an input that name a flat. */
export const flatRefFields = (t: InputFields) => ({
  intercomId: t.id({ description: "The intercom's record id. Required with `flat`; beside `flatId` it must match." }),
  flat: t.int({ description: "The flat's number. Mutually exclusive with `flatId`." }),
  flatId: t.id({ description: 'The record id. Mutually exclusive with `flat`.' }),
});

/** The field of an input with the reason of a change. */
export const reasonField = (t: InputFields) => ({
  reason: t.string({ description: `The reason, for the change log; at most ${MAX_REASON} characters.` }),
});

export const toFlatRefInput = (input: {
  readonly intercomId?: Id;
  readonly flat?: number | null | undefined;
  readonly flatId?: Id;
}): FlatRefInput => ({
  intercomId: toIdInput('intercomId', input.intercomId),
  flat: input.flat ?? undefined,
  flatId: toIdInput('flatId', input.flatId),
});

/** An `ID` argument of a query, which has to be one. */
export function parseId(field: IdField, id: Id, locale: Locale): number | undefined {
  const given = toIdInput(field, id);
  const errors: FieldError[] = [];
  requireInteger(errors, field, given, MAX_ID);
  if (errors.length > 0) throw badFields(invalid(errors), locale, (name) => name);
  return given as number | undefined;
}

/** A query has no refusals in its type, so an invalid argument is an error. */
export const badInput = (message: string, code = 'BAD_USER_INPUT'): GraphQLError =>
  withoutStacks(() => new GraphQLError(message, { extensions: { code } }));

/** A refusal as the error of a query. `spell` gives the fields their names in the schema. */
function badFields({ errors }: Invalid, locale: Locale, spell: (field: Field) => string): GraphQLError {
  const message = errors.map((error) => fieldErrorText(locale, error, spell)).join(' ');
  return badInput(message, errors.find(({ code }) => code === 'WRONG_ID_TYPE')?.code);
}

/** The parsed argument of a query, in which a refusal is an error. */
export function requireValid<T extends object>(
  parsed: T | Invalid,
  locale: Locale,
  spell: (field: Field) => string,
): T {
  if (isInvalid(parsed)) throw badFields(parsed, locale, spell);
  return parsed;
}

/** A part of a title to search for; absent when it is null or empty. */
export function parseTitle(name: string, text: string | null | undefined): string | undefined {
  if (!text) return undefined;
  if (!isTitleSearch(text)) throw badInput(`${name} must have at least ${MIN_TITLE_SEARCH} characters.`);
  return text;
}

/** How many entries a list without pages has when the caller does not say, and at the most. */
const DEFAULT_FIRST = 8;
const MAX_FIRST = 100;

/** The argument of a list of which only the beginning can be read. */
export const firstArg = (t: { readonly arg: Args }) =>
  t.arg.int({ required: true, defaultValue: DEFAULT_FIRST, description: `How many at the most: 0 to ${MAX_FIRST}.` });

export function requireFirst(first: number): number {
  if (first < 0 || first > MAX_FIRST) throw badInput(`first must be from 0 to ${MAX_FIRST}.`);
  return first;
}

/** The values of an enum, each with its description. */
export const enumValues = <Name extends string>(descriptions: Readonly<Record<Name, string>>) =>
  Object.fromEntries(Object.entries(descriptions).map(([name, description]) => [name, { description }])) as Record<
    Name,
    { description: string }
  >;
