import {
  CHANGE_KINDS,
  type Channel as ChannelName,
  type FlatCreation as Creation,
  type ChangeFilter as Filter,
  type FlatNumber,
  type ChangeKind as KindName,
  type Change as LogRow,
  type IntercomChange as OfIntercom,
  type LinesChange as OfLines,
  type LinksChange as OfLinks,
  type IntercomState as State,
} from '../../domain/change.ts';
import type { Flat } from '../../domain/flat.ts';
import { MAX_KEY_CODE, MAX_LOGIN, MAX_TITLE } from '../../domain/import-row.ts';
import type { Complete } from '../../domain/input.ts';
import { MAX_EXTERNAL_ID } from '../../domain/intercom.ts';
import { MAX_REASON } from '../../domain/limits.ts';
import { countedUpTo, MAX_COUNT } from '../../domain/page.ts';
import { MAX_TOKEN_NAME } from '../../domain/token.ts';
import type { ThreadStore } from '../../store/store.ts';
import { PAGE_COST, SHORT_LIST_COST, textUpTo } from '../engine/costs.ts';
import { IntercomFlat, IntercomFlatProperties } from './flat.ts';
import { badInput, enumValues, parseId } from './shared/arguments.ts';
import { builder, type GraphQLContext } from './shared/builder.ts';
import {
  type Connection,
  connectionOf,
  connectionType,
  type PageArgs,
  pageArgs,
  pageFromArgs,
} from './shared/connection.ts';
import { formatCursor, parseLogCursor } from './shared/cursors.ts';
import { DateTime } from './shared/date-time.ts';
import { formatGlobalId, parseGlobalId } from './shared/global-id.ts';
import { ID, Node } from './shared/node.ts';

type OfFlat = OfLines | Creation | OfLinks;

export const KINDS_OF_LIST = 'Only changes of these kinds; of lines (`LINES_SET`) when it is left out.';

const CHANNEL_DESCRIPTIONS: Readonly<Record<ChannelName, string>> = {
  GRAPHQL: 'A GraphQL mutation.',
  REST: "The legacy `PATCH` of the vendor's API.",
  IMPORT: 'A CSV file.',
  CLI: 'A command of the operator.',
};

export const Channel = builder.enumType('Channel', {
  description: 'The channel through which a change came in.',
  values: enumValues(CHANNEL_DESCRIPTIONS),
});

const KIND_DESCRIPTIONS: Readonly<Record<KindName, string>> = {
  LINES_SET: 'Lines of a flat were set to something else: a `LinesChange`.',
  FLAT_CREATED: 'A flat was imported, with its keys and users: a `FlatCreation`.',
  KEYS_ATTACHED: 'Keys were attached to a flat: a `LinksChange`.',
  KEYS_DETACHED: 'Keys were detached from a flat: a `LinksChange`.',
  USERS_ATTACHED: 'Users were attached to a flat: a `LinksChange`.',
  USERS_DETACHED: 'Users were detached from a flat: a `LinksChange`.',
  INTERCOM_CREATED: 'An intercom was created, with the flats of its range: an `IntercomChange`.',
  INTERCOM_CHANGED: 'Title, external id or range of an intercom was changed: an `IntercomChange`.',
  INTERCOM_DELETED: 'An intercom was deleted with its flats: an `IntercomChange`.',
};

export const ChangeKind = builder.enumType('ChangeKind', {
  description: 'What a change is of.',
  values: enumValues(KIND_DESCRIPTIONS),
});

export const Change = builder.interfaceRef<LogRow>('Change').implement({
  description: 'One row of the change log.',
  interfaces: [Node],
  fields: (t) => ({
    id: t.id({
      description: `${ID} It belongs to this change log: after a restore it names nothing.`,
      resolve: ({ seq }, _, { store }) => formatGlobalId({ type: 'Change', record: { epoch: store.epoch, seq } }),
    }),
    kind: t.expose('kind', { type: ChangeKind, description: 'What was changed.' }),
    cursor: t.string({
      description: 'The position in the change log. Opaque: keep it and send it back.',
      resolve: ({ seq }, _, { store }) => formatCursor({ epoch: store.epoch, seq }),
    }),
    changedAt: t.expose('changedAt', { type: DateTime, description: 'When it was changed.' }),
    actor: t.exposeString('actor', {
      ...textUpTo(MAX_TOKEN_NAME),
      description: 'Who changed it: the name of a token, `legacy`, or `local`.',
    }),
    channel: t.expose('channel', { type: Channel, description: 'The channel through which it came in.' }),
    reason: t.exposeString('reason', {
      ...textUpTo(MAX_REASON),
      nullable: true,
      description: 'The reason, in the words of the actor.',
    }),
    intercomId: t.exposeID('intercomId', { description: 'The record id of the intercom.' }),
    changeSet: t.id({
      description: 'The `id` of the `ChangeSet` that it belongs to: the changes of one call.',
      resolve: ({ changeSet }, _, { store }) =>
        formatGlobalId({ type: 'ChangeSet', record: { epoch: store.epoch, seq: changeSet } }),
    }),
  }),
  resolveType: ({ kind }): string => CHANGE_TYPES[kind].name,
});

const FlatChange = builder.interfaceRef<OfFlat>('FlatChange').implement({
  description: 'A change of one flat.',
  interfaces: [Node, Change],
  fields: (t) => ({
    flatId: t.exposeID('flatId', { description: 'The record id of the flat.' }),
    flat: t.exposeInt('flat', { description: 'The number of the flat.' }),
    intercomFlat: t.field({
      type: IntercomFlat,
      nullable: true,
      description: 'The flat as it is now; null once it is deleted.',
      resolve: async ({ flatId }, _, { loaders }) => (await loaders.flat.load(flatId)) ?? null,
    }),
  }),
});

export const LinesChange = builder.objectRef<OfLines>('LinesChange').implement({
  description: 'Lines of an existing flat were set.',
  interfaces: [Node, Change, FlatChange],
  fields: (t) => ({
    before: t.expose('before', { type: IntercomFlatProperties, description: 'The lines before the change.' }),
    after: t.expose('after', { type: IntercomFlatProperties, description: 'The lines after it.' }),
    version: t.int({
      nullable: true,
      description: 'The version of the flat after it; null once the flat is deleted.',
      resolve: ({ seq }, _, { loaders }) => loaders.changeVersion.load(seq),
    }),
  }),
});

const FlatCreation = builder.objectRef<Creation>('FlatCreation').implement({
  description:
    'A flat was created by an import. Flats that are created or deleted with an intercom or its range have no rows of their own: see `IntercomChange`.',
  interfaces: [Node, Change, FlatChange],
  fields: (t) => ({
    properties: t.expose('lines', { type: IntercomFlatProperties, description: 'The lines it was created with.' }),
    keys: t.exposeStringList('keys', {
      ...textUpTo(MAX_KEY_CODE),
      description: `The codes of its keys. ${SHORT_LIST_COST}`,
    }),
    users: t.exposeStringList('users', {
      ...textUpTo(MAX_LOGIN),
      description: `The logins of its users. ${SHORT_LIST_COST}`,
    }),
  }),
});

const LinksChange = builder.objectRef<OfLinks>('LinksChange').implement({
  description: 'Keys or users were attached to a flat or detached from it.',
  interfaces: [Node, Change, FlatChange],
  fields: (t) => ({
    names: t.exposeStringList('names', {
      ...textUpTo(MAX_LOGIN),
      description: `The codes of the keys, or the logins of the users: only those that were really attached or detached. ${SHORT_LIST_COST}`,
    }),
  }),
});

const IntercomState = builder.objectRef<State>('IntercomState').implement({
  description: 'An intercom as it was.',
  fields: (t) => ({
    title: t.exposeString('title', { ...textUpTo(MAX_TITLE), description: 'Its title.' }),
    externalId: t.exposeString('externalId', {
      ...textUpTo(MAX_EXTERNAL_ID),
      nullable: true,
      description: 'Its id in another system.',
    }),
    flatFrom: t.int({
      nullable: true,
      description: 'The first number that its flats could have.',
      resolve: ({ range }) => range?.from ?? null,
    }),
    flatTo: t.int({
      nullable: true,
      description: 'The last number that its flats could have.',
      resolve: ({ range }) => range?.to ?? null,
    }),
  }),
});

const IntercomChange = builder.objectRef<OfIntercom>('IntercomChange').implement({
  description:
    'An intercom was created, changed or deleted. This one row is also about the flats that were created or deleted with its range, and their keys and users.',
  interfaces: [Node, Change],
  fields: (t) => ({
    // Not `before` and `after`: fields of one name and two types cannot be selected together.
    stateBefore: t.expose('before', {
      type: IntercomState,
      nullable: true,
      description: 'The intercom before the change; null when it was created.',
    }),
    stateAfter: t.expose('after', {
      type: IntercomState,
      nullable: true,
      description: 'The intercom after it; null when it was deleted.',
    }),
    flatsAdded: t.exposeInt('flatsAdded', { description: 'How many flats were created with its range.' }),
    flatsRemoved: t.exposeInt('flatsRemoved', { description: 'How many flats were deleted with its range.' }),
  }),
});

/** The types of the rows, by kind. */
export const CHANGE_TYPES = {
  LINES_SET: LinesChange,
  FLAT_CREATED: FlatCreation,
  KEYS_ATTACHED: LinksChange,
  KEYS_DETACHED: LinksChange,
  USERS_ATTACHED: LinksChange,
  USERS_DETACHED: LinksChange,
  INTERCOM_CREATED: IntercomChange,
  INTERCOM_CHANGED: IntercomChange,
  INTERCOM_DELETED: IntercomChange,
} as const satisfies Readonly<Record<KindName, object>>;

const { Connection: ChangeConnection, Edge } = connectionType('Change', Change, 'changes');

export const ChangeEdge = Edge;

export const changeEdgeOf = (store: ThreadStore, change: LogRow) => ({
  cursor: formatCursor({ epoch: store.epoch, seq: change.seq }),
  node: change,
});

export const ChangeFilter = builder.inputType('ChangeFilter', {
  description: 'A condition that is left out or null does not restrict; all others must hold.',
  fields: (t) => ({
    intercomId: t.id({ description: 'Of this intercom or a flat on it.' }),
    flatId: t.id({
      description:
        'Of the flat with this record id. While the flat exists, the changes of its intercom that created or deleted flats of its number count, too.',
    }),
    changeSet: t.id({ description: 'Of the change set with this `id`.' }),
    actor: t.string({ description: 'Made by this actor.' }),
    channel: t.field({ type: Channel, description: 'That came in through this channel.' }),
    from: t.field({ type: DateTime, description: 'At this moment or later.' }),
    to: t.field({ type: DateTime, description: 'Before this moment.' }),
  }),
});

async function listChanges(store: ThreadStore, filter: Filter, args: PageArgs): Promise<Connection<LogRow>> {
  const head = await store.changesHead();
  const page = pageFromArgs(args, (cursor, name) => parseLogCursor({ epoch: store.epoch, seq: head }, cursor, name));
  return connectionOf(
    page,
    await store.listChanges(filter, page),
    ({ seq }) => formatCursor({ epoch: store.epoch, seq }),
    async () => countedUpTo(await store.countChanges(filter, undefined, MAX_COUNT + 1), MAX_COUNT),
  );
}

/** The change set of a filter; that of another log is none. */
function readChangeSet(id: string | number | null | undefined, epoch: string): number | undefined {
  if (id == null) return undefined;
  const given = parseGlobalId(String(id));
  if (given?.type !== 'ChangeSet')
    throw badInput('changeSet is not the id of a change set; send one that an answer gave.');
  return given.record.epoch === epoch ? given.record.seq : 0;
}

/** A span of time must not end before it begins. */
export function assertSpan({ from, to }: Pick<Filter, 'from' | 'to'>): void {
  if (from !== undefined && to !== undefined && from > to) throw badInput('from must not be later than to.');
}

/** The kinds that are asked for; `undefined` when they are left out. */
function readKinds(kinds: readonly KindName[] | null | undefined): readonly KindName[] | undefined {
  if (kinds?.length === 0) throw badInput('kinds must have at least one kind; leave it out for the usual ones.');
  return kinds ?? undefined;
}

/** Where a flat is, unless nothing but its own rows is asked for. */
async function findFlatIn(store: ThreadStore, { kinds, flatId }: Pick<Filter, 'kinds' | 'flatId'>) {
  const flat = kinds && flatId !== undefined ? await store.findFlat({ by: 'id', flatId }) : undefined;
  return flat && numberOf(flat);
}

/** The filter of a query, which has to be one. */
export async function readChangeFilter(
  given: typeof ChangeFilter.$inferInput | null | undefined,
  givenKinds: readonly KindName[] | null | undefined,
  { store, locale }: GraphQLContext,
): Promise<Filter> {
  const kinds = readKinds(givenKinds);
  const flatId = parseId('flatId', given?.flatId, locale);
  const filter: Complete<Filter> = {
    kinds,
    intercomId: parseId('intercomId', given?.intercomId, locale),
    flatId,
    flatIn: await findFlatIn(store, { kinds, flatId }),
    changeSet: readChangeSet(given?.changeSet, store.epoch),
    actor: given?.actor ?? undefined,
    channel: given?.channel ?? undefined,
    from: given?.from ?? undefined,
    to: given?.to ?? undefined,
  };
  assertSpan(filter);
  return filter;
}

const numberOf = ({ intercomId, flat }: Flat): FlatNumber => ({ intercomId, flat });

builder.queryFields((t) => ({
  changes: t.field({
    type: ChangeConnection,
    nullable: true,
    description: `The log, page by page, oldest first, so that \`last: 1\` is the newest change. Its cursors are those of the feed: to poll, ask for what is \`after\` the last cursor seen. ${PAGE_COST}`,
    args: {
      filter: t.arg({ type: ChangeFilter, description: 'Which changes; all when it is left out.' }),
      kinds: t.arg({ type: [ChangeKind], description: KINDS_OF_LIST }),
      ...pageArgs,
    },
    resolve: async (_, { filter, kinds, ...args }, context) =>
      listChanges(context.store, await readChangeFilter(filter, kinds, context), args),
  }),
  changesHead: t.string({
    description:
      'The cursor of the present end of the change log: everything `after` it is new. An empty log has one, too.',
    resolve: async (_, __, { store }) => formatCursor({ epoch: store.epoch, seq: await store.changesHead() }),
  }),
}));

builder.objectField(IntercomFlat, 'changes', (t) =>
  t.field({
    type: ChangeConnection,
    nullable: true,
    description: `The history of this flat, page by page, oldest first. With kinds of intercoms it has the changes of its intercom that created or deleted flats of its number, too. ${PAGE_COST}`,
    args: { kinds: t.arg({ type: [ChangeKind], description: KINDS_OF_LIST }), ...pageArgs },
    resolve: (flat, { kinds, ...args }, { store }) =>
      listChanges(store, { kinds: readKinds(kinds), flatId: flat.id, flatIn: numberOf(flat) }, args),
  }),
);

/** Where a subscription starts: after a cursor, or at the end of the log. */
async function startOf(after: string | null | undefined, { store, lastEventId }: GraphQLContext): Promise<number> {
  const head = await store.changesHead();
  // Only a client that reconnects sends it, and it has seen more than `after` says.
  const [cursor, name] = lastEventId === undefined ? [after, 'after'] : [lastEventId, 'Last-Event-ID'];
  return cursor == null ? head : parseLogCursor({ epoch: store.epoch, seq: head }, cursor, name);
}

const followedArgs = builder.args((t) => ({
  intercomId: t.id({ description: 'Only flats on this intercom.' }),
  flatId: t.id({ description: 'Only the flat with this record id.' }),
  after: t.string({ description: 'Start after this cursor; without it, start now.' }),
}));

builder.subscriptionField('intercomFlatChanged', (t) =>
  t.field({
    type: LinesChange,
    description:
      'Every change of lines, each exactly once and in order. Keep the last `cursor`, and after any interruption subscribe again with it as `after`: nothing is lost. Over server-sent events each event has its cursor as `id`, and `Last-Event-ID` wins over `after`.',
    args: followedArgs,
    subscribe: async (_, args, context) => {
      const following = {
        intercomId: parseId('intercomId', args.intercomId, context.locale),
        flatId: parseId('flatId', args.flatId, context.locale),
      };
      return context.feed.follow(following, await startOf(args.after, context));
    },
    // Without kinds, none but these are followed.
    resolve: (change) => change as OfLines,
  }),
);

builder.subscriptionField('changed', (t) =>
  t.field({
    type: Change,
    description:
      'Every change of the kinds that are asked for, each exactly once and in order, as `intercomFlatChanged` has it for changes of lines.',
    args: {
      kinds: t.arg({ type: [ChangeKind], description: 'Only changes of these kinds; of all when it is left out.' }),
      ...followedArgs,
    },
    subscribe: async (_, args, context) => {
      const kinds = readKinds(args.kinds) ?? CHANGE_KINDS;
      const flatId = parseId('flatId', args.flatId, context.locale);
      const intercomId = parseId('intercomId', args.intercomId, context.locale);
      const flatIn = await findFlatIn(context.store, { kinds, flatId });
      return context.feed.follow({ kinds, intercomId, flatId, flatIn }, await startOf(args.after, context));
    },
    resolve: (change) => change,
  }),
);
