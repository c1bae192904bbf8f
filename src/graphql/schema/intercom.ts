import { MAX_TITLE } from '../../domain/import-row.ts';
import { MAX_EXTERNAL_ID, type Intercom as Panel } from '../../domain/intercom.ts';
import { type IntercomRef, parseIntercomRef } from '../../domain/intercom-ref.ts';
import { fieldErrorText, type Locale } from '../../texts/texts.ts';
import { textUpTo } from '../engine/measure.ts';
import { IntercomFlat } from './flat.ts';
import { givenId } from './shared/arguments.ts';
import { badInput } from './shared/bad-input.ts';
import { builder } from './shared/builder.ts';

export const Intercom = builder.objectRef<Panel>('Intercom').implement({
  description: 'A door intercom: the panel at an entrance.',
  fields: (t) => ({
    id: t.exposeID('id', { description: 'The id.' }),
    title: t.exposeString('title', { ...textUpTo(MAX_TITLE), description: 'What people call it.' }),
    externalId: t.exposeString('externalId', {
      ...textUpTo(MAX_EXTERNAL_ID),
      nullable: true,
      description: 'What another system calls it.',
    }),
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
    nullable: true,
    description: 'The intercom; null when both were deleted after the flat was read.',
    resolve: async ({ intercomId }, _, { loaders }) => (await loaders.intercom.load(intercomId)) ?? null,
  }),
);

const IntercomBy = builder.inputType('IntercomBy', {
  description: 'What names an intercom: its id, or what another system calls it.',
  isOneOf: true,
  fields: (t) => ({
    id: t.id({ description: 'The id.' }),
    externalId: t.string({ description: 'What another system calls it.' }),
  }),
});

builder.queryField('intercom', (t) =>
  t.field({
    type: Intercom,
    nullable: true,
    description: 'One intercom, or null when there is none of that name.',
    args: { by: t.arg({ type: IntercomBy, required: true, description: 'The intercom to read.' }) },
    resolve: async (_, { by }, { store, locale }) => (await store.findIntercom(intercomRef(by, locale))) ?? null,
  }),
);

function intercomRef({ id, externalId }: typeof IntercomBy.$inferInput, locale: Locale): IntercomRef {
  const ref = parseIntercomRef({ intercomId: givenId(id), externalId: externalId ?? undefined });
  if ('by' in ref) return ref;
  throw badInput(
    ref.map((error) => fieldErrorText(locale, error, (field) => (field === 'intercomId' ? 'id' : field))).join(' '),
  );
}
