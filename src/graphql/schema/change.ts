import type { Channel as ChannelName, ChangeFilter as Filter, Change as LogRow } from '../../domain/change.ts';
import type { Complete } from '../../domain/input.ts';
import { MAX_REASON } from '../../domain/limits.ts';
import { MAX_TOKEN_NAME } from '../../domain/token.ts';
import type { ThreadStore } from '../../store/store.ts';
import { PAGE_COST, textUpTo } from '../engine/costs.ts';
import { IntercomFlat, IntercomFlatProperties } from './flat.ts';
import { badInput, enumValues, parseId } from './shared/arguments.ts';
import { builder } from './shared/builder.ts';
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
import { formatGlobalId } from './shared/global-id.ts';
import { ID, Node } from './shared/node.ts';

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

export const Change = builder.objectRef<LogRow>('Change').implement({
  description: "One row of the change log: a change of one flat's lines. Creating and deleting flats adds none.",
  interfaces: [Node],
  fields: (t) => ({
    id: t.id({
      description: `${ID} It belongs to this change log: after a restore it names nothing.`,
      resolve: ({ seq }, _, { store }) => formatGlobalId({ type: 'Change', record: { epoch: store.epoch, seq } }),
    }),
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
    flatId: t.exposeID('flatId', { description: 'The record id of the flat.' }),
    intercomId: t.exposeID('intercomId', { description: 'The record id of its intercom.' }),
    flat: t.exposeInt('flat', { description: 'The number of the flat.' }),
    intercomFlat: t.field({
      type: IntercomFlat,
      nullable: true,
      description: 'The flat as it is now; null once it is deleted.',
      resolve: async ({ flatId }, _, { loaders }) => (await loaders.flat.load(flatId)) ?? null,
    }),
    before: t.expose('before', { type: IntercomFlatProperties, description: 'The lines before the change.' }),
    after: t.expose('after', { type: IntercomFlatProperties, description: 'The lines after it.' }),
  }),
});

const { Connection: ChangeConnection, Edge } = connectionType('Change', Change, 'changes');

export const ChangeEdge = Edge;

export const changeEdgeOf = (store: ThreadStore, change: LogRow) => ({
  cursor: formatCursor({ epoch: store.epoch, seq: change.seq }),
  node: change,
});

const ChangeFilter = builder.inputType('ChangeFilter', {
  description: 'A condition that is left out or null does not restrict; all others must hold.',
  fields: (t) => ({
    intercomId: t.id({ description: 'Of a flat on this intercom.' }),
    flatId: t.id({ description: 'Of the flat with this record id.' }),
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
    async () => ({ count: await store.countChanges(filter), isExact: true }),
  );
}

builder.queryFields((t) => ({
  changes: t.field({
    type: ChangeConnection,
    nullable: true,
    description: `The log, page by page, oldest first, so that \`last: 1\` is the newest change. Its cursors are those of the feed: to poll, ask for what is \`after\` the last cursor seen. ${PAGE_COST}`,
    args: {
      filter: t.arg({ type: ChangeFilter, description: 'Which changes; all when it is left out.' }),
      ...pageArgs,
    },
    resolve: (_, { filter: given, ...args }, { store, locale }) => {
      const filter: Complete<Filter> = {
        intercomId: parseId('intercomId', given?.intercomId, locale),
        flatId: parseId('flatId', given?.flatId, locale),
        actor: given?.actor ?? undefined,
        channel: given?.channel ?? undefined,
        from: given?.from ?? undefined,
        to: given?.to ?? undefined,
      };
      const { from, to } = filter;
      if (from !== undefined && to !== undefined && from > to) throw badInput('from must not be later than to.');
      return listChanges(store, filter, args);
    },
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
    description: `The history of this flat, page by page, oldest first. ${PAGE_COST}`,
    args: pageArgs,
    resolve: ({ id }, args, { store }) => listChanges(store, { flatId: id }, args),
  }),
);

builder.subscriptionField('intercomFlatChanged', (t) =>
  t.field({
    type: Change,
    description:
      'Every change of lines, each exactly once and in order. Keep the last `cursor`, and after any interruption subscribe again with it as `after`: nothing is lost. Over server-sent events each event has its cursor as `id`, and `Last-Event-ID` wins over `after`.',
    args: {
      intercomId: t.arg.id({ description: 'Only flats on this intercom.' }),
      flatId: t.arg.id({ description: 'Only the flat with this record id.' }),
      after: t.arg.string({ description: 'Start after this cursor; without it, start now.' }),
    },
    subscribe: async (_, args, { store, feed, locale, lastEventId }) => {
      const following = {
        intercomId: parseId('intercomId', args.intercomId, locale),
        flatId: parseId('flatId', args.flatId, locale),
      };
      const head = await store.changesHead();
      // Only a client that reconnects sends it, and it has seen more than `after` says.
      const [after, name] = lastEventId === undefined ? [args.after, 'after'] : [lastEventId, 'Last-Event-ID'];
      const seq = after == null ? head : parseLogCursor({ epoch: store.epoch, seq: head }, after, name);
      return feed.follow(following, seq);
    },
    resolve: (change) => change,
  }),
);
