import { LINES, type Line } from '../../domain/lines.ts';
import type {
  Field,
  FieldErrorCode,
  Invalid,
  Refusal,
  FieldError as RuleError,
  FlatsInUse as UsedFlats,
} from '../../domain/refusal.ts';
import type { Outcome } from '../../store/store.ts';
import { fieldErrorText, fieldPath, textsOf } from '../../texts/index.ts';
import { SHORT_LIST_COST } from '../engine/costs.ts';
import { IntercomFlat } from './flat.ts';
import { enumValues } from './shared/arguments.ts';
import { builder } from './shared/builder.ts';
import { lineField } from './shared/lines.ts';

type Conflict = Extract<Refusal, { kind: 'versionConflict' }>;

const CODE_DESCRIPTIONS: Readonly<Record<FieldErrorCode, string>> = {
  REQUIRED: 'The field is missing.',
  MUTUALLY_EXCLUSIVE: 'The field cannot be sent together with another one that was sent.',
  INVALID_INTEGER: 'The value is not a whole number from 1 to 2^53 - 1.',
  WRONG_ID_TYPE: 'The id is a global id of another type: of an intercom, say, where a flat is named.',
  INVALID_BOOLEAN: 'The value is neither true nor false; leave the field out to keep what is stored.',
  NOT_FOUND: 'Nothing exists with this id or name.',
  WRONG_INTERCOM: 'The flat belongs to another intercom than the one that was sent.',
  TOO_LONG: 'The text is longer than allowed.',
  TOO_SHORT: 'The text is shorter than it has to be.',
  INVALID_TEXT: 'The text is empty, or holds characters that are not allowed.',
  INVALID_RANGE: 'The range ends before it begins.',
  TOO_MANY: 'The list has too many entries, or the range too many flats.',
  TAKEN: 'Another intercom has it already.',
  EMPTY_CONDITION: 'A condition is null or empty, where that must not mean "no condition".',
  NOT_NARROWED: 'The filter selects neither buildings nor flats, and `all` is not sent.',
  EXCEEDED: 'More flats would be changed than the caller allows.',
  PRUNED: 'The change log does not have all changes of the change set any more.',
  NO_ID_LEFT: 'The greatest record id is in use, and ids are never reused.',
};

const FieldErrorCodeEnum = builder.enumType('FieldErrorCode', {
  description: 'The machine-readable error of a field.',
  values: enumValues(CODE_DESCRIPTIONS),
});

/** A field's name as GraphQL spells it. */
export const graphqlName = (field: Field): string => (LINES.includes(field as Line) ? lineField(field as Line) : field);

const FieldError = builder.objectRef<RuleError>('FieldError').implement({
  description: 'An error of one field.',
  fields: (t) => ({
    field: t.string({
      description: 'The field, as this schema spells it; `keys[0]` for the first entry of a list.',
      resolve: (error) => fieldPath(error, graphqlName),
    }),
    path: t.stringList({
      description:
        'The same as a path of names and indexes within the input: `["keys", "0"]` for the first entry of a list. Counts as one field.',
      resolve: ({ within, field, index }) => [
        ...(within === undefined ? [] : [graphqlName(within)]),
        graphqlName(field),
        ...(index === undefined ? [] : [String(index)]),
      ],
    }),
    code: t.expose('code', { type: FieldErrorCodeEnum, description: 'The machine-readable error.' }),
    message: t.string({
      description: 'What is wrong and what is accepted, in the language of `Accept-Language` (en, ru).',
      resolve: (error, _, { locale }) => fieldErrorText(locale, error, graphqlName),
    }),
  }),
});

type NotAppliedOutcome = Extract<Outcome, { kind: 'notApplied' }>;

const UserError = builder.interfaceRef<Refusal | UsedFlats | NotAppliedOutcome>('UserError').implement({
  description: 'A refusal. Nothing was changed.',
  fields: (t) => ({
    message: t.string({
      description: 'The reason as text, in the language of `Accept-Language` (en, ru).',
      resolve: (refusal, _, { locale }) => {
        if (refusal.kind === 'flatsInUse') return textsOf(locale).flatsInUse(refusal.count);
        if (refusal.kind !== 'invalid') return textsOf(locale)[refusal.kind];
        const [first, ...more] = refusal.errors.map((error) => fieldErrorText(locale, error, graphqlName));
        return more.length > 0 ? `${first} ${textsOf(locale).andMore(more.length)}` : (first ?? '');
      },
    }),
  }),
});

export const ValidationError = builder.objectRef<Invalid>('ValidationError').implement({
  description: 'The input is invalid; all errors come together.',
  interfaces: [UserError],
  fields: (t) => ({
    fields: t.expose('errors', {
      type: [FieldError],
      description: `What is wrong, field by field. ${SHORT_LIST_COST}`,
    }),
  }),
});

export const VersionConflict = builder.objectRef<Conflict>('VersionConflict').implement({
  description: 'The flat has another version than `expectedVersion`: another caller changed it.',
  interfaces: [UserError],
  fields: (t) => ({
    current: t.expose('current', { type: IntercomFlat, description: 'The flat as it is now.' }),
  }),
});

export const FlatsInUse = builder.objectRef<UsedFlats>('FlatsInUse').implement({
  description: 'Flats that would be deleted still have keys or users. Send `force: true` to delete them anyway.',
  interfaces: [UserError],
  fields: (t) => ({
    count: t.exposeInt('count', { description: 'How many flats still have keys or users.' }),
    flats: t.expose('flats', {
      type: [IntercomFlat],
      description: `The first 100 of them, by number. ${SHORT_LIST_COST}`,
    }),
  }),
});

export const NotApplied = builder.objectRef<NotAppliedOutcome>('NotApplied').implement({
  description: 'The update is valid, but another one of the same atomic call was refused.',
  interfaces: [UserError],
});
