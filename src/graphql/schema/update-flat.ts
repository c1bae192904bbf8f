import { GraphQLError } from 'graphql';
import { LIMIT_EXCEEDED } from '../../domain/limits.ts';
import type { UpdateInput } from '../../domain/update-flat.ts';
import { MAX_UPDATES, type Preview, previewFlats, updateFlat, updateFlats } from '../../operations/update-flat.ts';
import type { Outcome } from '../../store/store.ts';
import { textsOf } from '../../texts/index.ts';
import { ENTRY_COST } from '../engine/costs.ts';
import { ChangeEdge, changeEdgeOf, LinesChange } from './change.ts';
import { IntercomFlat } from './flat.ts';
import { NotApplied, ValidationError, VersionConflict } from './refusals.ts';
import { flatRefFields, reasonField, toFlatRefInput } from './shared/arguments.ts';
import { builder } from './shared/builder.ts';
import { forEachLine, toLinesInput } from './shared/lines.ts';
import { needs, needsLong } from './shared/needs.ts';

type Success = Extract<Outcome | Preview, { kind: 'kept' | 'written' | 'wouldWrite' }>;

const UpdateIntercomFlatInput = builder.inputType('UpdateIntercomFlatInput', {
  description:
    'Names a flat by `flatId`, or by `intercomId` and `flat`, and says which lines to set. A line that is left out stays as it is; null is refused.',
  fields: (t) => ({
    ...flatRefFields(t),
    ...forEachLine((_, description) => t.boolean({ description })),
    expectedVersion: t.int({ description: 'Refuse the update if the flat has another version by now.' }),
    ...reasonField(t),
  }),
});

const UpdateIntercomFlatSuccess = builder.objectRef<Success>('UpdateIntercomFlatSuccess').implement({
  description: 'The update is on disk, or nothing had to change.',
  fields: (t) => ({
    intercomFlat: t.expose('flat', {
      type: IntercomFlat,
      description: 'The flat as the update left it; in a dry run, as it would leave it.',
    }),
    changed: t.boolean({
      description: 'Whether the lines were set to something else; in a dry run, whether they would be.',
      resolve: ({ kind }) => kind !== 'kept',
    }),
    change: t.field({
      type: LinesChange,
      nullable: true,
      description: 'The row of the change log; null when nothing changed, and in a dry run.',
      resolve: (success) => (success.kind === 'written' ? success.change : null),
    }),
    changeEdge: t.field({
      type: ChangeEdge,
      nullable: true,
      description: 'The change as a row of `changes`, to be added to a list that a client holds.',
      resolve: (success, _, { store }) => (success.kind === 'written' ? changeEdgeOf(store, success.change) : null),
    }),
  }),
});

// A union of plain data. The rules refuse by value, so nothing has to be thrown and caught on the way here.
const UpdateIntercomFlatResult = builder.unionType('UpdateIntercomFlatResult', {
  description: 'The outcome of an update.',
  types: [UpdateIntercomFlatSuccess, ValidationError, VersionConflict, NotApplied],
  resolveType: (it) => {
    switch (it.kind) {
      case 'invalid':
        return ValidationError;
      case 'versionConflict':
        return VersionConflict;
      case 'notApplied':
        return NotApplied;
      default:
        return UpdateIntercomFlatSuccess;
    }
  },
});

builder.mutationField('updateIntercomFlat', (t) =>
  t.field({
    ...needs('write'),
    type: UpdateIntercomFlatResult,
    description: 'Sets which phone lines ring in a flat.',
    args: { input: t.arg({ type: UpdateIntercomFlatInput, required: true, description: 'The flat and its lines.' }) },
    resolve: async (_, { input }, { store, actor }) =>
      resultFrom(await updateFlat(store, { actor, channel: 'GRAPHQL' }, updateFromInput(input))),
  }),
);

builder.mutationField('updateIntercomFlats', (t) =>
  t.field({
    ...needsLong('write'),
    type: [UpdateIntercomFlatResult],
    description: `Sets which phone lines ring in many flats: at most ${MAX_UPDATES}, applied in order, with a result for each in that order. ${ENTRY_COST}`,
    args: {
      updates: t.arg({ type: [UpdateIntercomFlatInput], required: true, description: 'The flats and their lines.' }),
      atomic: t.arg.boolean({
        required: true,
        defaultValue: false,
        description: 'All or none: one refusal refuses all, and nothing is changed.',
      }),
      dryRun: t.arg.boolean({
        required: true,
        defaultValue: false,
        description: 'Change nothing; only report what each update would do now.',
      }),
    },
    resolve: async (_, { updates, atomic, dryRun }, { store, actor, locale }) => {
      if (updates.length > MAX_UPDATES) {
        throw new GraphQLError(textsOf(locale).tooManyUpdates(MAX_UPDATES), { extensions: { code: LIMIT_EXCEEDED } });
      }
      const options = { atomic };
      const inputs = updates.map(updateFromInput);
      if (dryRun) return (await previewFlats(store, inputs, options)).map(resultFrom);
      return (await updateFlats(store, { actor, channel: 'GRAPHQL' }, inputs, options)).map(resultFrom);
    },
  }),
);

const updateFromInput = (input: typeof UpdateIntercomFlatInput.$inferInput): UpdateInput => ({
  ...toFlatRefInput(input),
  lines: toLinesInput(input),
  expectedVersion: input.expectedVersion ?? undefined,
  reason: input.reason ?? undefined,
});

const resultFrom = (outcome: Outcome | Preview) => (outcome.kind === 'refused' ? outcome.refusal : outcome);
