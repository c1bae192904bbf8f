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
import { PAGE_COST, textUpTo } from '../engine/costs.ts';
import { IntercomFlat } from './flat.ts';
import { enumValues, parseId, parseTitle, requireValid, toIdInput } from './shared/arguments.ts';
import { builder } from './shared/builder.ts';
import { connectionOf, connectionType, pageArgs, pageFromArgs } from './shared/connection.ts';
import { createListCursors } from './shared/cursors.ts';
import { formatGlobalId } from './shared/global-id.ts';
import { ID, Node } from './shared/node.ts';

export const Intercom = builder.objectRef<Panel>('Intercom').implement({
  description: 'A door intercom: the panel at an entrance.',
  interfaces: [Node],
  fields: (t) => ({
    id: t.id({
      description: ID,
      resolve: ({ id }) => formatGlobalId({ type: 'Intercom', record: id }),
    }),
    intercomId: t.exposeID('id', { description: 'The record id, as REST, files and commands know it.' }),
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
  description: 'Names an intercom: its record id, or its id in another system.',
  isOneOf: true,
  fields: (t) => ({
    intercomId: t.id({ description: 'The record id.' }),
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

function intercomRef({ intercomId, externalId }: typeof IntercomBy.$inferInput, locale: Locale): IntercomRef {
  const input: IntercomRefInput = {
    intercomId: toIdInput('intercomId', intercomId),
    externalId: externalId ?? undefined,
  };
  return requireValid(parseIntercomRef(input), locale, (field) => field);
}

const { Connection: IntercomConnection, Edge } = connectionType('Intercom', Intercom, 'intercoms');

export const IntercomEdge = Edge;

const SORTS = {
  ID_ASC: { by: 'ID', descending: false },
  ID_DESC: { by: 'ID', descending: true },
  TITLE_ASC: { by: 'TITLE', descending: false },
  TITLE_DESC: { by: 'TITLE', descending: true },
} as const satisfies Record<string, Sort>;

export const IntercomSort = builder.enumType('IntercomSort', {
  description: 'The order of a list of intercoms.',
  values: enumValues({
    ID_ASC: 'By id.',
    ID_DESC: 'By id, the greatest first.',
    TITLE_ASC: 'By title, whatever its case, and then by id.',
    TITLE_DESC: 'By title, whatever its case, and then by id, the last first.',
  }),
});

/** An order of the list, and its cursors. Null is no order, and so counts as none: as the default, in the cursors too. */
function orderOf(given: keyof typeof SORTS | null | undefined) {
  const name = given ?? 'ID_ASC';
  const sort: Sort = SORTS[name];
  const { cursor, position } = createListCursors<IntercomPosition>(`intercoms ${name}`, ['', 0]);
  const cursorOf = ({ id, title }: Panel) => cursor([sort.by === 'TITLE' ? foldTitle(title) : '', id]);
  return { sort, position, cursorOf };
}

/** An intercom as a row of the list in an order. */
export const intercomEdgeOf = (intercom: Panel, sort: keyof typeof SORTS | null | undefined) => ({
  cursor: orderOf(sort).cursorOf(intercom),
  node: intercom,
});

const IntercomFilter = builder.inputType('IntercomFilter', {
  description: 'A condition that is left out or null does not restrict; all others must hold.',
  fields: (t) => ({
    intercomId: t.id({ description: 'With this record id.' }),
    externalId: t.string({ description: 'With this id in another system.' }),
    title: t.string({ description: 'With this in the title, in any case; at least 3 characters.' }),
  }),
});

builder.queryField('intercoms', (t) =>
  t.field({
    type: IntercomConnection,
    nullable: true,
    description: `The intercoms, page by page. ${PAGE_COST}`,
    args: {
      filter: t.arg({ type: IntercomFilter, description: 'Which intercoms; all when it is left out.' }),
      sort: t.arg({ type: IntercomSort, defaultValue: 'ID_ASC', description: 'The order of the list.' }),
      ...pageArgs,
    },
    resolve: async (_, { filter: given, sort: name, ...args }, { store, locale }) => {
      const filter: Complete<Filter> = {
        id: parseId('intercomId', given?.intercomId, locale),
        externalId: given?.externalId ?? undefined,
        title: parseTitle('title', given?.title),
      };
      const { sort, position, cursorOf } = orderOf(name);
      const page = pageFromArgs(args, position);
      return connectionOf(page, await store.listIntercoms(filter, sort, page), cursorOf, () =>
        store.countIntercoms(filter),
      );
    },
  }),
);
