import { type IdInput, OTHER_TYPE, UNREADABLE } from '../../domain/input.ts';
import type { UndoInput } from '../../domain/undo-changes.ts';
import { type UndoCounts, type UndoResult, undoChanges } from '../../operations/undo-changes.ts';
import { SHORT_LIST_COST } from '../engine/costs.ts';
import { LinesChange } from './change.ts';
import { createJob, DRY_RUN, JOB, jobFields } from './job.ts';
import { ValidationError } from './refusals.ts';
import { reasonField } from './shared/arguments.ts';
import { builder } from './shared/builder.ts';
import { parseGlobalId } from './shared/global-id.ts';
import { needsLong } from './shared/needs.ts';

const UndoChangesInput = builder.inputType('UndoChangesInput', {
  description: 'What to take back.',
  fields: (t) => ({
    changeSet: t.id({
      required: true,
      description: 'The `id` of the `ChangeSet`: from `changeSets`, a change, or the answer of the call itself.',
    }),
    ...reasonField(t),
    dryRun: t.boolean(DRY_RUN),
  }),
});

const UndoChangesSuccess = builder.objectRef<UndoResult>('UndoChangesSuccess').implement({
  description: 'What is reported as changed is on disk, or nothing had to change.',
  fields: (t) => ({
    matched: t.exposeInt('matched', { description: 'Flats whose lines the change set had set.' }),
    ...jobFields(t, 'Those of them that were set back to what they were before it; in a dry run, would be.'),
    changedSince: t.exposeInt('changedSince', {
      description: 'Those that are left alone, since something else has changed their lines after the change set.',
    }),
    changedBy: t.field({
      type: [LinesChange],
      description: `The first of the changes because of which flats are left alone, at most 20. ${SHORT_LIST_COST}`,
      resolve: async ({ changedBy }, _, { loaders }) =>
        (await loaders.change.loadMany(changedBy)).filter((it) => it !== undefined && 'before' in it) as never,
    }),
    gone: t.exposeInt('gone', { description: 'Those that were deleted.' }),
    notUndoable: t.exposeInt('notUndoable', {
      description:
        'Changes of the change set that are not of lines, and stay: keys, users, flats and intercoms. `changes(filter: { changeSet: ... }, kinds: [...])` lists them.',
    }),
  }),
});

const UndoChangesResult = builder.unionType('UndoChangesResult', {
  description: 'The outcome of an undo.',
  types: [UndoChangesSuccess, ValidationError],
  resolveType: ({ kind }) => (kind === 'invalid' ? ValidationError : UndoChangesSuccess),
});

builder.mutationField('undoChanges', (t) =>
  t.field({
    ...needsLong('write'),
    type: UndoChangesResult,
    description: `Takes a change set back: sets the lines of its flats to what they were before it, ${JOB} Flats that anything else has changed since are left alone. The undo is a change set itself, which can be undone. One of which changes were pruned is refused with \`PRUNED\`.`,
    args: { input: t.arg({ type: UndoChangesInput, required: true, description: 'The change set.' }) },
    resolve: (_, { input }, context) => {
      const { dryRun, reason } = input;
      const { store, actor } = context;
      const undo: UndoInput = {
        changeSet: toChangeSetInput(input.changeSet, store.epoch),
        reason: reason ?? undefined,
      };
      const job = createJob<UndoCounts>(context, dryRun, 'undoChanges');
      return undoChanges(job, { actor, channel: 'GRAPHQL' }, undo, { dryRun });
    },
  }),
);

/** The change set of an id; that of another log is unreadable here. */
function toChangeSetInput(id: string | number, epoch: string): IdInput {
  const given = parseGlobalId(String(id));
  if (given && given.type !== 'ChangeSet') return OTHER_TYPE;
  return given && given.record.epoch === epoch ? given.record.seq : UNREADABLE;
}
