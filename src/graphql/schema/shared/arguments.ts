import { GraphQLError } from 'graphql';
import type { FlatRefInput } from '../../../domain/flat-ref.ts';
import { type Input, integerFromText, MAX_ID, UNREADABLE } from '../../../domain/input.ts';
import { isTitleSearch, MIN_TITLE_SEARCH } from '../../../domain/intercom.ts';
import { type Field, type Invalid, isInvalid } from '../../../domain/refusal.ts';
import { fieldErrorText, type Locale } from '../../../texts/index.ts';
import { withoutStacks } from '../../engine/without-stacks.ts';
import type { builder } from './builder.ts';

type InputFields = Parameters<Parameters<typeof builder.inputType>[1]['fields']>[0];
type Id = string | number | null | undefined;

/** An `ID` argument as a record id; null counts as absent. */
export const toIdInput = (id: Id): Input<number> =>
  id === null || id === undefined ? undefined : (integerFromText(String(id)) ?? UNREADABLE);

/** The fields of an input that name a flat. */
export const flatRefFields = (t: InputFields) => ({
  intercomId: t.id({ description: "The intercom's id. Required with `flat`; beside `flatId` it must match." }),
  flat: t.int({ description: "The flat's number. Mutually exclusive with `flatId`." }),
  flatId: t.id({ description: 'The record id. Mutually exclusive with `flat`.' }),
});

export const toFlatRefInput = (input: {
  readonly intercomId?: Id;
  readonly flat?: number | null | undefined;
  readonly flatId?: Id;
}): FlatRefInput => ({
  intercomId: toIdInput(input.intercomId),
  flat: input.flat ?? undefined,
  flatId: toIdInput(input.flatId),
});

/** An `ID` argument of a query, which has to be one. */
export function parseId(name: string, id: Id): number | undefined {
  const given = toIdInput(id);
  if (given === undefined) return undefined;
  if (given === UNREADABLE || given < 1 || given > MAX_ID) throw badInput(`${name} must be a whole number, 1 or more.`);
  return given;
}

/** A query has no refusals in its type, so an invalid argument is an error. */
export const badInput = (message: string): GraphQLError =>
  withoutStacks(() => new GraphQLError(message, { extensions: { code: 'BAD_USER_INPUT' } }));

/** The parsed argument of a query, in which a refusal is an error. `spell` gives the fields their names in the schema. */
export function requireValid<T extends object>(
  parsed: T | Invalid,
  locale: Locale,
  spell: (field: Field) => string,
): T {
  if (!isInvalid(parsed)) return parsed;
  throw badInput(parsed.errors.map((error) => fieldErrorText(locale, error, spell)).join(' '));
}

/** A part of a title to search for; absent when it is null or empty. */
export function parseTitle(name: string, text: string | null | undefined): string | undefined {
  if (!text) return undefined;
  if (!isTitleSearch(text)) throw badInput(`${name} must have at least ${MIN_TITLE_SEARCH} characters.`);
  return text;
}

/** The values of an enum, each with its description. */
export const enumValues = <Name extends string>(descriptions: Readonly<Record<Name, string>>) =>
  Object.fromEntries(Object.entries(descriptions).map(([name, description]) => [name, { description }])) as Record<
    Name,
    { description: string }
  >;
