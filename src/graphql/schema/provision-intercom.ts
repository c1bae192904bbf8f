import { UNREADABLE } from '../../domain/input.ts';
import { MAX_RANGE } from '../../domain/limits.ts';
import { createIntercom, deleteIntercom, updateIntercom } from '../../operations/provision-intercom.ts';
import type { Provisioned } from '../../store/store.ts';
import { Intercom, IntercomEdge, IntercomSort, intercomEdgeOf } from './intercom.ts';
import { FlatsInUse, ValidationError } from './refusals.ts';
import { reasonField, toIdInput } from './shared/arguments.ts';
import { builder } from './shared/builder.ts';
import { forEachLine, toLinesInput } from './shared/lines.ts';

const CreateIntercomInput = builder.inputType('CreateIntercomInput', {
  description: 'A new intercom, and the range of its flat numbers.',
  fields: (t) => ({
    title: t.string({ required: true, description: 'Its title; at most 200 characters.' }),
    externalId: t.string({ description: 'Its id in another system; unique, at most 100 characters.' }),
    flatFrom: t.int({ required: true, description: 'The first flat number.' }),
    flatTo: t.int({ required: true, description: `The last flat number: at most ${MAX_RANGE} flats in all.` }),
    lines: t.field({
      type: NewFlatLines,
      description: 'The lines of its flats; all are available when it is left out.',
    }),
    ...reasonField(t),
  }),
});

const CreateIntercomSuccess = builder.objectRef<Provisioned>('CreateIntercomSuccess').implement({
  description: 'The intercom and its flats are on disk.',
  fields: (t) => ({
    intercom: t.expose('intercom', { type: Intercom, description: 'The intercom with its new id.' }),
    intercomEdge: t.field({
      type: IntercomEdge,
      description: 'The intercom as a row of `intercoms`, to be added to a list that a client holds.',
      args: {
        sort: t.arg({ type: IntercomSort, defaultValue: 'ID_ASC', description: 'The order of that list.' }),
      },
      resolve: ({ intercom }, { sort }) => intercomEdgeOf(intercom, sort),
    }),
    flatsAdded: t.exposeInt('flatsAdded', { description: 'How many flats were created.' }),
  }),
});

const CreateIntercomResult = builder.unionType('CreateIntercomResult', {
  description: 'The outcome of creating an intercom.',
  types: [CreateIntercomSuccess, ValidationError],
  resolveType: (it) => (it.kind === 'done' ? CreateIntercomSuccess : ValidationError),
});

builder.mutationField('createIntercom', (t) =>
  t.field({
    type: CreateIntercomResult,
    description: 'Creates an intercom with a flat for each number of its range, all or nothing.',
    args: { input: t.arg({ type: CreateIntercomInput, required: true, description: 'The intercom and its range.' }) },
    resolve: (_, { input }, { store, actor }) =>
      createIntercom(
        store,
        { actor, channel: 'GRAPHQL' },
        {
          title: input.title,
          flatFrom: input.flatFrom,
          flatTo: input.flatTo,
          externalId: input.externalId ?? undefined,
          lines: toLinesInput(input.lines ?? {}),
          reason: input.reason ?? undefined,
        },
      ),
  }),
);

const UpdateIntercomInput = builder.inputType('UpdateIntercomInput', {
  description:
    'Names an intercom by `intercomId` or by `externalId`, and says what to change. A value that is left out stays as it is; null is refused except for `newExternalId`.',
  fields: (t) => ({
    intercomId: t.id({ description: 'Its record id. Mutually exclusive with `externalId`.' }),
    externalId: t.string({ description: 'Its id in another system. Mutually exclusive with `intercomId`.' }),
    title: t.string({ description: 'Its new title; at most 200 characters.' }),
    newExternalId: t.string({
      description: 'Its new id in another system; unique, at most 100 characters; null removes it.',
    }),
    flatFrom: t.int({ description: 'The first number its flats may have. Numbers new to the range get a flat.' }),
    flatTo: t.int({ description: `The last one; at most ${MAX_RANGE} numbers. Flats out of the range are deleted.` }),
    lines: t.field({
      type: NewFlatLines,
      description: 'The lines of new flats; all are available when it is left out.',
    }),
    force: t.boolean({ description: 'Delete flats even if they still have keys or users.' }),
    ...reasonField(t),
  }),
});

const UpdateIntercomSuccess = builder.objectRef<Provisioned>('UpdateIntercomSuccess').implement({
  description: 'The intercom and its flats are on disk, or nothing had to change.',
  fields: (t) => ({
    intercom: t.expose('intercom', { type: Intercom, description: 'The intercom as the update left it.' }),
    flatsAdded: t.exposeInt('flatsAdded', { description: 'How many flats were created.' }),
    flatsRemoved: t.exposeInt('flatsRemoved', { description: 'How many flats were deleted.' }),
  }),
});

const UpdateIntercomResult = builder.unionType('UpdateIntercomResult', {
  description: 'The outcome of an update of an intercom.',
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
    resolve: (_, { input }, { store, actor }) =>
      updateIntercom(
        store,
        { actor, channel: 'GRAPHQL' },
        {
          intercomId: toIdInput('intercomId', input.intercomId),
          externalId: input.externalId ?? undefined,
          title: input.title === null ? UNREADABLE : input.title,
          newExternalId: input.newExternalId,
          flatFrom: input.flatFrom === null ? UNREADABLE : input.flatFrom,
          flatTo: input.flatTo === null ? UNREADABLE : input.flatTo,
          lines: toLinesInput(input.lines ?? {}),
          force: input.force ?? false,
          reason: input.reason ?? undefined,
        },
      ),
  }),
);

const DeleteIntercomInput = builder.inputType('DeleteIntercomInput', {
  description: 'Names an intercom by `intercomId` or by `externalId`.',
  fields: (t) => ({
    intercomId: t.id({ description: 'Its record id. Mutually exclusive with `externalId`.' }),
    externalId: t.string({ description: 'Its id in another system. Mutually exclusive with `intercomId`.' }),
    force: t.boolean({ description: 'Delete its flats even if they still have keys or users.' }),
    ...reasonField(t),
  }),
});

const DeleteIntercomSuccess = builder.objectRef<Provisioned>('DeleteIntercomSuccess').implement({
  description: 'The intercom and its flats are deleted; the change log keeps its rows.',
  fields: (t) => ({
    intercom: t.expose('intercom', { type: Intercom, description: 'The intercom as it was; it has no flats now.' }),
    flatsRemoved: t.exposeInt('flatsRemoved', { description: 'How many flats were deleted.' }),
  }),
});

const DeleteIntercomResult = builder.unionType('DeleteIntercomResult', {
  description: 'The outcome of deleting an intercom.',
  types: [DeleteIntercomSuccess, ValidationError, FlatsInUse],
  resolveType: (it) =>
    it.kind === 'done' ? DeleteIntercomSuccess : it.kind === 'flatsInUse' ? FlatsInUse : ValidationError,
});

builder.mutationField('deleteIntercom', (t) =>
  t.field({
    type: DeleteIntercomResult,
    description:
      'Deletes an intercom with its flats, their keys and their users, all or nothing. Ids are never reused.',
    args: { input: t.arg({ type: DeleteIntercomInput, required: true, description: 'The intercom.' }) },
    resolve: (_, { input }, { store, actor }) =>
      deleteIntercom(
        store,
        { actor, channel: 'GRAPHQL' },
        {
          intercomId: toIdInput('intercomId', input.intercomId),
          externalId: input.externalId ?? undefined,
          force: input.force ?? false,
          reason: input.reason ?? undefined,
        },
      ),
  }),
);

export const NewFlatLines = builder.inputType('NewFlatLines', {
  description: 'The lines of new flats. A line that is left out is available; null is refused.',
  fields: (t) => forEachLine((_, description) => t.boolean({ description })),
});
