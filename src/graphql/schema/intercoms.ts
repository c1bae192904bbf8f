import type { Complete } from '../../domain/input.ts';
import type { IntercomFilter as Filter, IntercomPlace, IntercomSort as Sort } from '../../domain/intercom.ts';
import { foldTitle } from '../../domain/intercom.ts';
import { Intercom } from './intercom.ts';
import { readTitle } from './read-title.ts';
import { readId } from './shared/arguments.ts';
import { builder } from './shared/builder.ts';
import { connectionOf, connectionType, pageArgs, pageFromArgs } from './shared/connection.ts';
import { listCursors } from './shared/cursors.ts';
import { enumValues } from './shared/enum-values.ts';

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
  description: 'What is left out or null does not restrict; everything else must hold.',
  fields: (t) => ({
    id: t.id({ description: 'With this id.' }),
    externalId: t.string({ description: 'That another system calls so.' }),
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
        id: readId('id', given?.id),
        externalId: given?.externalId ?? undefined,
        title: readTitle('title', given?.title),
      };
      // Null is no order, and so counts as none: as the default, in the cursors too.
      const order = name ?? 'ID_ASC';
      const sort = SORTS[order];
      const cursors = listCursors<IntercomPlace>(`intercoms ${order}`, ['', 0]);
      const page = pageFromArgs(args, cursors.place);
      return connectionOf(
        page,
        await store.listIntercoms(filter, sort, page),
        ({ id, title }) => cursors.cursor([sort.by === 'TITLE' ? foldTitle(title) : '', id]),
        () => store.countIntercoms(filter),
      );
    },
  }),
);
