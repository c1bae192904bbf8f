import type { Intercom as Panel } from '../domain/intercom.ts';
import { builder } from './builder.ts';
import { IntercomFlat } from './intercom-flat.ts';

export const Intercom = builder.objectRef<Panel>('Intercom').implement({
  description: 'A door intercom: the panel at an entrance.',
  fields: (t) => ({
    id: t.exposeID('id', { description: 'The id.' }),
    title: t.exposeString('title', { description: 'What people call it.' }),
    externalId: t.exposeString('externalId', { nullable: true, description: 'What another system calls it.' }),
    flatFrom: t.int({
      nullable: true,
      description: 'The first number that its flats may have.',
      resolve: ({ range }) => range?.from ?? null,
    }),
    flatTo: t.int({
      nullable: true,
      description: 'The last number that its flats may have.',
      resolve: ({ range }) => range?.to ?? null,
    }),
    flatCount: t.int({
      description: 'How many flats it has.',
      resolve: ({ id }, _, { loaders }) => loaders.flatCount.load(id),
    }),
  }),
});

builder.objectField(IntercomFlat, 'intercom', (t) =>
  t.field({
    type: Intercom,
    description: 'The intercom.',
    resolve: async ({ intercomId }, _, { loaders }) => (await loaders.intercom.load(intercomId)) as Panel,
  }),
);
