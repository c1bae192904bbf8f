import { UNREADABLE } from '../../domain/input.ts';
import { MAX_RANGE } from '../../domain/limits.ts';
import { updateIntercom } from '../../operations/update-intercom.ts';
import type { Provisioned } from '../../store/store.ts';
import { Intercom } from './intercom.ts';
import { NewFlatLines } from './new-flat-lines.ts';
import { FlatsInUse, ValidationError } from './refusals.ts';
import { givenId } from './shared/arguments.ts';
import { builder } from './shared/builder.ts';
import { givenLines } from './shared/lines.ts';

const UpdateIntercomInput = builder.inputType('UpdateIntercomInput', {
  description:
    'Names an intercom by `intercomId` or by `externalId`, and says what to change. What is left out stays as it is; null is refused but for `newExternalId`.',
  fields: (t) => ({
    intercomId: t.id({ description: 'Its id. Mutually exclusive with `externalId`.' }),
    externalId: t.string({ description: 'What another system calls it now. Mutually exclusive with `intercomId`.' }),
    title: t.string({ description: 'What people shall call it; at most 200 characters.' }),
    newExternalId: t.string({
      description: 'What another system shall call it; unique, at most 100 characters; null takes it away.',
    }),
    flatFrom: t.int({ description: 'The first number its flats may have. Numbers new to the range get a flat.' }),
    flatTo: t.int({ description: `The last one; at most ${MAX_RANGE} numbers. Flats out of the range are deleted.` }),
    lines: t.field({
      type: NewFlatLines,
      description: 'The lines of the flats that are made; all are available when it is left out.',
    }),
    force: t.boolean({ description: 'Delete flats even if they still have keys or users.' }),
  }),
});

const UpdateIntercomSuccess = builder.objectRef<Provisioned>('UpdateIntercomSuccess').implement({
  description: 'The intercom and its flats are on disk, or nothing had to change.',
  fields: (t) => ({
    intercom: t.expose('intercom', { type: Intercom, description: 'The intercom as the update left it.' }),
    flatsAdded: t.exposeInt('flatsAdded', { description: 'How many flats were made.' }),
    flatsRemoved: t.exposeInt('flatsRemoved', { description: 'How many flats were deleted.' }),
  }),
});

const UpdateIntercomResult = builder.unionType('UpdateIntercomResult', {
  description: 'What became of an update of an intercom.',
  types: [UpdateIntercomSuccess, ValidationError, FlatsInUse],
  resolveType: (it) =>
    it.kind === 'done' ? UpdateIntercomSuccess : it.kind === 'flatsInUse' ? FlatsInUse : ValidationError,
});

builder.mutationField('updateIntercom', (t) =>
  t.field({
    type: UpdateIntercomResult,
    description:
      'Changes the title, the external id or the range of an intercom, all or nothing. Gaps that the range had already stay gaps.',
    args: {
      input: t.arg({ type: UpdateIntercomInput, required: true, description: 'The intercom and what to change.' }),
    },
    resolve: (_, { input }, { store }) =>
      updateIntercom(store, {
        intercomId: givenId(input.intercomId),
        externalId: input.externalId ?? undefined,
        title: input.title === null ? UNREADABLE : input.title,
        newExternalId: input.newExternalId,
        flatFrom: input.flatFrom === null ? UNREADABLE : input.flatFrom,
        flatTo: input.flatTo === null ? UNREADABLE : input.flatTo,
        lines: givenLines(input.lines ?? {}),
        force: input.force ?? false,
      }),
  }),
);
