import { EMPTY } from '../../domain/input.ts';
import { MAX_FLAT_IDS } from '../../domain/limits.ts';
import type { UpdateWhereInput } from '../../domain/update-flats-where.ts';
import type { JobCounts, JobProgress } from '../../operations/job.ts';
import { updateFlatsWhere } from '../../operations/update-flats-where.ts';
import { IntercomFlatFilter, toFilterInput } from './flat-list.ts';
import { createJob, DRY_RUN, JOB, jobFields } from './job.ts';
import { ValidationError } from './refusals.ts';
import { reasonField, toIdInput } from './shared/arguments.ts';
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
    exceptFlatIds: t.idList({
      description: `Flats that are left alone, though they match: at most ${MAX_FLAT_IDS}. Null and an empty list are refused.`,
    }),
    ...forEachLine((_, description) => t.boolean({ description })),
    ...reasonField(t),
    atMost: t.int({
      description:
        'Refuse the update when more flats would change; they are counted first. Null is refused. It also stops before it would change more, when others change flats meanwhile.',
    }),
    dryRun: t.boolean(DRY_RUN),
  }),
});

const UpdateIntercomFlatsWhereSuccess = builder
  .objectRef<JobProgress<JobCounts>>('UpdateIntercomFlatsWhereSuccess')
  .implement({
    description: 'What is reported as changed is on disk, or nothing had to change.',
    fields: (t) => ({
      matched: t.exposeInt('matched', { description: 'Flats that matched when they were scanned.' }),
      ...jobFields(t, 'Those of them whose lines were set to something else; in a dry run, would be.'),
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
    description: `Sets which phone lines ring in all flats that match, ${JOB}`,
    args: { input: t.arg({ type: UpdateIntercomFlatsWhereInput, required: true, description: 'Flats and lines.' }) },
    resolve: (_, { input }, context) => {
      const { dryRun } = input;
      const job = createJob<JobCounts>(context, dryRun, 'updateIntercomFlatsWhere');
      return updateFlatsWhere(job, { actor: context.actor, channel: 'GRAPHQL' }, updateFromInput(input), { dryRun });
    },
  }),
);

const updateFromInput = (input: typeof UpdateIntercomFlatsWhereInput.$inferInput): UpdateWhereInput => ({
  filter: toFilterInput(input.filter, EMPTY),
  all: input.all ?? false,
  lines: toLinesInput(input),
  reason: input.reason ?? undefined,
  atMost: input.atMost === null ? EMPTY : input.atMost,
  exceptFlatIds: exceptFromInput(input.exceptFlatIds),
});

function exceptFromInput(ids: readonly (string | number)[] | null | undefined): UpdateWhereInput['exceptFlatIds'] {
  if (ids === undefined) return undefined;
  return ids === null || ids.length === 0 ? EMPTY : ids.map((id) => toIdInput('flatId', id));
}
