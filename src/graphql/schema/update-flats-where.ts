import { EMPTY } from '../../domain/input.ts';
import type { UpdateWhereInput } from '../../domain/update-flats-where.ts';
import { stillMayCall } from '../../operations/authenticate.ts';
import { updateFlatsWhere, type WhereJob, type WhereProgress } from '../../operations/update-flats-where.ts';
import { IntercomFlatFilter, toFilterInput } from './flat-list.ts';
import { ValidationError } from './refusals.ts';
import { enumValues, reasonField } from './shared/arguments.ts';
import { builder } from './shared/builder.ts';
import { forEachLine, toLinesInput } from './shared/lines.ts';
import { needsLong } from './shared/needs.ts';

const UpdateIntercomFlatsWhereInput = builder.inputType('UpdateIntercomFlatsWhereInput', {
  description:
    'Selects flats by `filter`, or every flat by `all`, and says which lines to set: at least one. A line that is left out stays as it is; null is refused. So is a condition of the filter that is null or empty: a lost value must not widen the change.',
  fields: (t) => ({
    filter: t.field({
      type: IntercomFlatFilter,
      description:
        'Which flats. One that selects buildings or flats (intercom, number, range, title, key, login, `changedSince`) is mutually exclusive with `all`; one with conditions on lines only needs `all` beside it.',
    }),
    all: t.boolean({
      defaultValue: false,
      description: 'Every flat; beside a filter with conditions on lines only, every building.',
    }),
    ...forEachLine((_, description) => t.boolean({ description })),
    ...reasonField(t),
    dryRun: t.boolean({
      required: true,
      defaultValue: false,
      description: 'Change nothing; only report what would be changed.',
    }),
  }),
});

const UpdateStop = builder.enumType('UpdateStop', {
  description: 'Why an update of many flats stopped early.',
  values: enumValues({
    SHUTTING_DOWN: 'The service stops.',
    TOKEN_REVOKED: 'The token of the caller was revoked.',
    STORAGE_BUSY: 'The storage is busy or full, or cannot be written.',
    OUTCOME_UNKNOWN: 'The disk failed in a commit: up to 50 more flats may be changed than are counted.',
  }),
});

const UpdateIntercomFlatsWhereSuccess = builder.objectRef<WhereProgress>('UpdateIntercomFlatsWhereSuccess').implement({
  description: 'What is reported as changed is on disk, or nothing had to change.',
  fields: (t) => ({
    matched: t.exposeInt('matched', { description: 'Flats that matched when they were scanned.' }),
    changed: t.exposeInt('changed', {
      description: 'Those of them whose lines were set to something else; in a dry run, would be.',
    }),
    stoppedBy: t.field({
      type: UpdateStop,
      nullable: true,
      description: 'Null when every matching flat was processed. Otherwise the same call again finishes the rest.',
      resolve: ({ state }) => {
        if (state === 'DONE') return null;
        return state === 'STORAGE_BUSY' || state === 'OUTCOME_UNKNOWN' || state === 'TOKEN_REVOKED'
          ? state
          : 'SHUTTING_DOWN';
      },
    }),
  }),
});

const UpdateIntercomFlatsWhereResult = builder.unionType('UpdateIntercomFlatsWhereResult', {
  description: 'The outcome of an update of all matching flats.',
  types: [UpdateIntercomFlatsWhereSuccess, ValidationError],
  resolveType: ({ kind }) => (kind === 'invalid' ? ValidationError : UpdateIntercomFlatsWhereSuccess),
});

builder.mutationField('updateIntercomFlatsWhere', (t) =>
  t.field({
    ...needsLong('write'),
    type: UpdateIntercomFlatsWhereResult,
    description:
      'Sets which phone lines ring in all flats that match, a chunk of them at a time, and answers at the end. Other updates go on beside it. It stops when the client leaves, its token is revoked or expires, or the service stops: what was changed stays, and the same call again finishes the rest.',
    args: { input: t.arg({ type: UpdateIntercomFlatsWhereInput, required: true, description: 'Flats and lines.' }) },
    resolve: (_, { input }, { store, caller, actor, now, signal, stop, logInfo }) => {
      const { dryRun } = input;
      const left = signal();
      const job: WhereJob = {
        store,
        now,
        stopped: async () => {
          if (left.aborted || stop.aborted) return 'STOPPED';
          return (await stillMayCall(store, caller, now())) ? undefined : 'TOKEN_REVOKED';
        },
        report: ({ matched, changed, state }) =>
          logInfo({ actor, dryRun, matched, changed, state }, 'updateIntercomFlatsWhere'),
      };
      return updateFlatsWhere(job, { actor, channel: 'GRAPHQL' }, updateFromInput(input), { dryRun });
    },
  }),
);

const updateFromInput = (input: typeof UpdateIntercomFlatsWhereInput.$inferInput): UpdateWhereInput => ({
  filter: toFilterInput(input.filter, EMPTY),
  all: input.all ?? false,
  lines: toLinesInput(input),
  reason: input.reason ?? undefined,
});
