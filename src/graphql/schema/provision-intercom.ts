import { MAX_RANGE } from '../../domain/limits.ts';
import { createIntercom } from '../../operations/provision-intercom.ts';
import type { Provisioned } from '../../store/store.ts';
import { Intercom } from './intercom.ts';
import { NewFlatLines } from './new-flat-lines.ts';
import { ValidationError } from './refusals.ts';
import { builder } from './shared/builder.ts';
import { givenLines } from './shared/lines.ts';

const CreateIntercomInput = builder.inputType('CreateIntercomInput', {
  description: 'A new intercom, and the range of its flat numbers.',
  fields: (t) => ({
    title: t.string({ required: true, description: 'What people call it; at most 200 characters.' }),
    externalId: t.string({ description: 'What another system calls it; unique, at most 100 characters.' }),
    flatFrom: t.int({ required: true, description: 'The first flat number.' }),
    flatTo: t.int({ required: true, description: `The last flat number: at most ${MAX_RANGE} flats in all.` }),
    lines: t.field({
      type: NewFlatLines,
      description: 'The lines of its flats; all are available when it is left out.',
    }),
  }),
});

const CreateIntercomSuccess = builder.objectRef<Provisioned>('CreateIntercomSuccess').implement({
  description: 'The intercom and its flats are on disk.',
  fields: (t) => ({
    intercom: t.expose('intercom', { type: Intercom, description: 'The intercom with its new id.' }),
    flatsAdded: t.exposeInt('flatsAdded', { description: 'How many flats were made.' }),
  }),
});

const CreateIntercomResult = builder.unionType('CreateIntercomResult', {
  description: 'What became of a new intercom.',
  types: [CreateIntercomSuccess, ValidationError],
  resolveType: (it) => (it.kind === 'done' ? CreateIntercomSuccess : ValidationError),
});

builder.mutationField('createIntercom', (t) =>
  t.field({
    type: CreateIntercomResult,
    description: 'Makes an intercom with a flat for each number of its range, all or nothing.',
    args: { input: t.arg({ type: CreateIntercomInput, required: true, description: 'The intercom and its range.' }) },
    resolve: (_, { input }, { store }) =>
      createIntercom(store, {
        ...{ title: input.title, flatFrom: input.flatFrom, flatTo: input.flatTo },
        externalId: input.externalId ?? undefined,
        lines: givenLines(input.lines ?? {}),
      }),
  }),
);
