import type { ObjectRef } from '@pothos/core';
import type { Flat } from '../../domain/flat.ts';
import {
  type FlatFilter,
  type FlatFilterInput,
  type FlatPosition,
  type FlatSort,
  parseFlatFilter,
} from '../../domain/flat-filter.ts';
import { EMPTY } from '../../domain/input.ts';
import { MAX_FLAT_IDS } from '../../domain/limits.ts';
import { LINES } from '../../domain/lines.ts';
import type { ThreadStore } from '../../store/store.ts';
import type { Locale } from '../../texts/index.ts';
import { PAGE_COST } from '../engine/costs.ts';
import { IntercomFlat } from './flat.ts';
import { Intercom } from './intercom.ts';
import { Key, User } from './keys-and-users.ts';
import { graphqlName } from './refusals.ts';
import { enumValues, requireValid, toIdInput } from './shared/arguments.ts';
import { builder } from './shared/builder.ts';
import {
  type Connection,
  connectionOf,
  connectionType,
  type PageArgs,
  pageArgs,
  pageFromArgs,
} from './shared/connection.ts';
import { createListCursors } from './shared/cursors.ts';
import { DateTime } from './shared/date-time.ts';
import { forEachLine, lineField } from './shared/lines.ts';

const { Connection: IntercomFlatConnection } = connectionType('IntercomFlat', IntercomFlat, 'flats');

const SORTS = {
  INTERCOM_AND_FLAT_ASC: { by: 'INTERCOM', descending: false },
  INTERCOM_AND_FLAT_DESC: { by: 'INTERCOM', descending: true },
  UPDATED_AT_ASC: { by: 'UPDATED', descending: false },
  UPDATED_AT_DESC: { by: 'UPDATED', descending: true },
} as const satisfies Record<string, FlatSort>;

const IntercomFlatSort = builder.enumType('IntercomFlatSort', {
  description: 'The order of a list of flats.',
  values: enumValues({
    INTERCOM_AND_FLAT_ASC: 'By intercom id and flat number.',
    INTERCOM_AND_FLAT_DESC: 'By intercom id and flat number, the greatest first.',
    UPDATED_AT_ASC: 'By the moment the lines were last set, the oldest first.',
    UPDATED_AT_DESC: 'By the moment the lines were last set, the newest first.',
  }),
});

export const IntercomFlatFilter = builder.inputType('IntercomFlatFilter', {
  description: 'A condition that is left out or null does not restrict; all others must hold.',
  fields: (t) => ({
    flatIds: t.idList({
      description: `With one of these record ids, at most ${MAX_FLAT_IDS}; what does not exist is left out, and an empty list selects no flat.`,
    }),
    intercomId: t.id({ description: 'On this intercom.' }),
    flat: t.int({ description: 'With this number.' }),
    flatFrom: t.int({ description: 'With this number or a greater one.' }),
    flatTo: t.int({ description: 'With this number or a lesser one.' }),
    ...forEachLine((_, description) => t.boolean({ description })),
    keyCode: t.string({ description: 'With this key.' }),
    userLogin: t.string({ description: 'With this user.' }),
    userLoginPrefix: t.string({ description: 'With a user whose login begins with this.' }),
    intercomTitle: t.string({
      description: "With this in the intercom's title, in any case; at least 3 characters.",
    }),
    changedSince: t.field({ type: DateTime, description: 'Whose lines were last set at this moment or later.' }),
  }),
});

type Filter = typeof IntercomFlatFilter.$inferInput | null | undefined;

/**
 * The filter as sent. In a list, null and empty texts are no conditions (`none` is undefined); where a lost value must not
 * widen an update, they are `EMPTY`.
 */
export function toFilterInput<None extends undefined | typeof EMPTY>(filter: Filter, none: None): FlatFilterInput {
  const flatIds = filter?.flatIds;
  const value = <T>(it: T | null | undefined): T | None | undefined => (it === null ? none : it);
  const text = (it: string | null | undefined) => (it?.trim() === '' ? none : value(it));
  const name = (it: string | null | undefined) => (none === EMPTY ? text(it) : value(it));
  return {
    flatIds: flatIds?.length === 0 && none === EMPTY ? none : value(flatIds?.map((id) => toIdInput('flatId', id))),
    intercomId: filter?.intercomId === null ? none : toIdInput('intercomId', filter?.intercomId),
    flat: value(filter?.flat),
    flatFrom: value(filter?.flatFrom),
    flatTo: value(filter?.flatTo),
    lines: Object.fromEntries(
      LINES.map((line) => [line, value(filter?.[lineField(line)])]),
    ) as FlatFilterInput['lines'],
    keyCode: name(filter?.keyCode),
    userLogin: name(filter?.userLogin),
    userLoginPrefix: text(filter?.userLoginPrefix),
    intercomTitle: text(filter?.intercomTitle),
    changedSince: value(filter?.changedSince),
  };
}

/** The filter of a query, which has to be one. */
function readFilter(filter: Filter, locale: Locale): FlatFilter {
  return requireValid(parseFlatFilter(toFilterInput(filter, undefined)), locale, graphqlName);
}

async function listFlats(
  store: ThreadStore,
  filter: FlatFilter,
  args: PageArgs & { readonly sort?: keyof typeof SORTS | null | undefined },
): Promise<Connection<Flat>> {
  const name = args.sort ?? 'INTERCOM_AND_FLAT_ASC';
  const sort = SORTS[name];
  const cursors = createListCursors<FlatPosition>(`flats ${name}`, [0, 0]);
  const page = pageFromArgs(args, cursors.position);
  const positionOf = ({ id, intercomId, flat, updatedAt }: Flat): FlatPosition =>
    sort.by === 'INTERCOM' ? [intercomId, flat] : [updatedAt, id];
  return connectionOf(
    page,
    await store.listFlats(filter, sort, page),
    (flat) => cursors.cursor(positionOf(flat)),
    () => store.countFlats(filter),
  );
}

const sortArg = builder.args((t) => ({
  sort: t.field({
    type: IntercomFlatSort,
    defaultValue: 'INTERCOM_AND_FLAT_ASC',
    description: 'The order of the list.',
  }),
}));

builder.queryField('intercomFlats', (t) =>
  t.field({
    type: IntercomFlatConnection,
    nullable: true,
    description: `The flats, page by page. A page far down takes no longer than the first one. ${PAGE_COST}`,
    args: {
      filter: t.arg({ type: IntercomFlatFilter, description: 'Which flats; all when it is left out.' }),
      ...sortArg,
      ...pageArgs,
    },
    resolve: (_, { filter, ...args }, { store, locale }) => listFlats(store, readFilter(filter, locale), args),
  }),
);

/** The flats of what another type names. */
const flatsField = <Of extends object>(
  ref: ObjectRef<typeof builder.$inferSchemaTypes, Of, Of>,
  description: string,
  filterOf: (it: Of) => FlatFilter,
): void =>
  builder.objectField(ref, 'flats', (t) =>
    t.field({
      type: IntercomFlatConnection,
      nullable: true,
      description: `${description}, page by page. ${PAGE_COST}`,
      args: { ...sortArg, ...pageArgs },
      resolve: (it, args, { store }) => listFlats(store, filterOf(it as Of), args),
    }),
  );

flatsField(Intercom, 'The flats of this intercom', ({ id }) => ({ intercomId: id, lines: {} }));
flatsField(Key, 'The flats that this key is linked to', ({ code }) => ({ keyCode: code, lines: {} }));
flatsField(User, 'The flats that this user is attached to', ({ login }) => ({ userLogin: login, lines: {} }));
