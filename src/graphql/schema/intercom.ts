import { MAX_TITLE } from '../../domain/import-row.ts';
import type { Complete } from '../../domain/input.ts';
import {
  type IntercomFilter as Filter,
  foldTitle,
  type IntercomPosition,
  MAX_EXTERNAL_ID,
  type Intercom as Panel,
  type IntercomSort as Sort,
} from '../../domain/intercom.ts';
import { type IntercomRef, type IntercomRefInput, parseIntercomRef } from '../../domain/intercom-ref.ts';
import type { Locale } from '../../texts/index.ts';
import { textUpTo } from '../engine/measure.ts';
import { IntercomFlat } from './flat.ts';
import { enumValues, parseId, parseTitle, requireValid, toIdInput } from './shared/arguments.ts';
import { builder } from './shared/builder.ts';
import { connectionOf, connectionType, pageArgs, pageFromArgs } from './shared/connection.ts';
import { createListCursors } from './shared/cursors.ts';

export const Intercom = builder.objectRef<Panel>('Intercom').implement({
  description: 'A door intercom: the panel at an entrance.',
  fields: (t) => ({
    id: t.exposeID('id', { description: 'The id.' }),
    title: t.exposeString('title', { ...textUpTo(MAX_TITLE), description: 'Its title.' }),
    externalId: t.exposeString('externalId', {
      ...textUpTo(MAX_EXTERNAL_ID),
      nullable: true,
      description: 'Its id in another system.',
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
  description: 'Names an intercom: its id, or its id in another system.',
  isOneOf: true,
  fields: (t) => ({
    id: t.id({ description: 'The id.' }),
    externalId: t.string({ description: 'Its id in another system.' }),
  }),
});

builder.queryField('intercom', (t) =>
  t.field({
    type: Intercom,
    nullable: true,
    description: 'One intercom, or null when it does not exist.',
    args: { by: t.arg({ type: IntercomBy, required: true, description: 'The intercom to read.' }) },
    resolve: async (_, { by }, { store, locale }) => (await store.findIntercom(intercomRef(by, locale))) ?? null,
  }),
);

function intercomRef({ id, externalId }: typeof IntercomBy.$inferInput, locale: Locale): IntercomRef {
  const input: IntercomRefInput = { intercomId: toIdInput(id), externalId: externalId ?? undefined };
  return requireValid(parseIntercomRef(input), locale, (field) => (field === 'intercomId' ? 'id' : field));
}

const IntercomConnection = connectionType('Intercom', Intercom, 'intercoms');

const SORTS = {
  ID_ASC: { by: 'ID', descending: false },
  ID_DESC: { by: 'ID', descending: true },
  TITLE_ASC: { by: 'TITLE', descending: false },
  TITLE_DESC: { by: 'TITLE', descending: true },
} as const satisfies Record<string, Sort>;

const IntercomSort = builder.enumType('IntercomSort', {
  description: 'The order of a list of intercoms.',
  values: enumValues({
    ID_ASC: 'By id.',
    ID_DESC: 'By id, the greatest first.',
    TITLE_ASC: 'By title, whatever its case, and then by id.',
    TITLE_DESC: 'By title, whatever its case, and then by id, the last first.',
  }),
});

const IntercomFilter = builder.inputType('IntercomFilter', {
  description: 'A condition that is left out or null does not restrict; all others must hold.',
  fields: (t) => ({
    id: t.id({ description: 'With this id.' }),
    externalId: t.string({ description: 'With this id in another system.' }),
    title: t.string({ description: 'With this in the title, in any case; at least 3 characters.' }),
  }),
});

builder.queryField('intercoms', (t) =>
  t.field({
    type: IntercomConnection,
    description: 'The intercoms, page by page.',
    args: {
      filter: t.arg({ type: IntercomFilter, description: 'Which intercoms; all when it is left out.' }),
      sort: t.arg({ type: IntercomSort, defaultValue: 'ID_ASC', description: 'The order of the list.' }),
      ...pageArgs,
    },
    resolve: async (_, { filter: given, sort: name, ...args }, { store }) => {
      const filter: Complete<Filter> = {
        id: parseId('id', given?.id),
        externalId: given?.externalId ?? undefined,
        title: parseTitle('title', given?.title),
      };
      // Null is no order, and so counts as none: as the default, in the cursors too.
      const order = name ?? 'ID_ASC';
      const sort = SORTS[order];
      const cursors = createListCursors<IntercomPosition>(`intercoms ${order}`, ['', 0]);
      const page = pageFromArgs(args, cursors.position);
      return connectionOf(
        page,
        await store.listIntercoms(filter, sort, page),
        ({ id, title }) => cursors.cursor([sort.by === 'TITLE' ? foldTitle(title) : '', id]),
        () => store.countIntercoms(filter),
      );
    },
  }),
);
