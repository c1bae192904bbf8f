import { deleteIntercom } from '../../operations/delete-intercom.ts';
import type { Provisioned } from '../../store/store.ts';
import { Intercom } from './intercom.ts';
import { FlatsInUse, ValidationError } from './refusals.ts';
import { givenId } from './shared/arguments.ts';
import { builder } from './shared/builder.ts';

const DeleteIntercomInput = builder.inputType('DeleteIntercomInput', {
  description: 'Names an intercom by `intercomId` or by `externalId`.',
  fields: (t) => ({
    intercomId: t.id({ description: 'Its id. Mutually exclusive with `externalId`.' }),
    externalId: t.string({ description: 'What another system calls it. Mutually exclusive with `intercomId`.' }),
    force: t.boolean({ description: 'Delete its flats even if they still have keys or users.' }),
  }),
});

const DeleteIntercomSuccess = builder.objectRef<Provisioned>('DeleteIntercomSuccess').implement({
  description: 'The intercom and its flats are gone; the log keeps what it says of them.',
  fields: (t) => ({
    intercom: t.expose('intercom', { type: Intercom, description: 'The intercom as it was; it has no flats now.' }),
    flatsRemoved: t.exposeInt('flatsRemoved', { description: 'How many flats were deleted.' }),
  }),
});

const DeleteIntercomResult = builder.unionType('DeleteIntercomResult', {
  description: 'What became of the deletion of an intercom.',
  types: [DeleteIntercomSuccess, ValidationError, FlatsInUse],
  resolveType: (it) =>
    it.kind === 'done' ? DeleteIntercomSuccess : it.kind === 'flatsInUse' ? FlatsInUse : ValidationError,
});

builder.mutationField('deleteIntercom', (t) =>
  t.field({
    type: DeleteIntercomResult,
    description:
      'Deletes an intercom with its flats, their keys and their users, all or nothing. Ids are never used again.',
    args: { input: t.arg({ type: DeleteIntercomInput, required: true, description: 'The intercom.' }) },
    resolve: (_, { input }, { store }) =>
      deleteIntercom(store, {
        intercomId: givenId(input.intercomId),
        externalId: input.externalId ?? undefined,
        force: input.force ?? false,
      }),
  }),
);
