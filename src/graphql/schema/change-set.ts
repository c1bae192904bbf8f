import type { ChangeSetFilter as Filter, Change as LogRow } from '../../domain/change.ts';
import type { Complete } from '../../domain/input.ts';
import { MAX_REASON } from '../../domain/limits.ts';
import { MAX_COUNT } from '../../domain/page.ts';
import { MAX_TOKEN_NAME } from '../../domain/token.ts';
import { COUNTS_ALL, PAGE_COST, textUpTo } from '../engine/costs.ts';
import { assertSpan, Change, Channel } from './change.ts';
import { builder, type GraphQLContext } from './shared/builder.ts';
import { connectionOf, connectionType, pageArgs, pageFromArgs } from './shared/connection.ts';
import { formatCursor, parseLogCursor } from './shared/cursors.ts';
import { DateTime } from './shared/date-time.ts';
import { formatGlobalId } from './shared/global-id.ts';
import { ID, Node } from './shared/node.ts';

/** A change set, as the first change of it. */
interface Acted {
  readonly first: LogRow;
}

async function sizeOf({ first }: Acted, { loaders }: GraphQLContext) {
  // Rows that are pruned while the answer is made were the only one that was seen.
  return (await loaders.changeSetSize.load(first.seq)) ?? { changes: 1, endedAt: first.changedAt };
}

export const ChangeSet = builder.objectRef<Acted>('ChangeSet').implement({
  description:
    'The changes of one call, however many commits it took: of a single update, of a bulk update, of an import. `undoChanges` takes them back. It grows while its call runs. The changes themselves are `changes(filter: { changeSet: ... })`.',
  interfaces: [Node],
  fields: (t) => ({
    id: t.id({
      description: `${ID} It belongs to this change log: after a restore it names nothing.`,
      resolve: ({ first }, _, { store }) =>
        formatGlobalId({ type: 'ChangeSet', record: { epoch: store.epoch, seq: first.seq } }),
    }),
    actor: t.string({
      ...textUpTo(MAX_TOKEN_NAME),
      description: 'Who made the call: the name of a token, `legacy`, or `local`.',
      resolve: ({ first }) => first.actor,
    }),
    channel: t.field({
      type: Channel,
      description: 'The channel through which it came in.',
      resolve: ({ first }) => first.channel,
    }),
    reason: t.string({
      ...textUpTo(MAX_REASON),
      nullable: true,
      description: 'The reason of its first change, in the words of the actor.',
      resolve: ({ first }) => first.reason,
    }),
    startedAt: t.field({
      type: DateTime,
      description: 'When its first change was made.',
      resolve: ({ first }) => first.changedAt,
    }),
    endedAt: t.field({
      type: DateTime,
      description: 'When its last change so far was made.',
      resolve: async (set, _, context) => (await sizeOf(set, context)).endedAt,
    }),
    changes: t.int({
      description: 'How many changes it has so far, of all kinds.',
      resolve: async (set, _, context) => (await sizeOf(set, context)).changes,
    }),
    flats: t.int({
      ...COUNTS_ALL,
      description: `How many flats they are of, counted up to ${MAX_COUNT}. A change of a whole intercom is of none. Counts as a count.`,
      resolve: async ({ first }, _, { store }) => (await store.countFlatsOfSet(first.seq)).count,
    }),
    flatsIsExact: t.boolean({
      ...COUNTS_ALL,
      description:
        'Whether there are just so many; otherwise there are at least so many. Counts like the count itself.',
      resolve: async ({ first }, _, { store }) => (await store.countFlatsOfSet(first.seq)).isExact,
    }),
    firstChange: t.expose('first', { type: Change, description: 'Its first change.' }),
  }),
});

const { Connection } = connectionType('ChangeSet', ChangeSet, 'change sets');

const ChangeSetFilter = builder.inputType('ChangeSetFilter', {
  description: 'A condition that is left out or null does not restrict; all others must hold.',
  fields: (t) => ({
    actor: t.string({ description: 'Made by this actor.' }),
    channel: t.field({ type: Channel, description: 'That came in through this channel.' }),
    from: t.field({ type: DateTime, description: 'Begun at this moment or later.' }),
    to: t.field({ type: DateTime, description: 'Begun before this moment.' }),
  }),
});

builder.queryField('changeSets', (t) =>
  t.field({
    type: Connection,
    nullable: true,
    description: `Who did what, call by call, in the order in which the calls began, so that \`last: 1\` is the newest. A change set of which the beginning was pruned is not there any more. ${PAGE_COST}`,
    args: {
      filter: t.arg({ type: ChangeSetFilter, description: 'Which change sets; all when it is left out.' }),
      ...pageArgs,
    },
    resolve: async (_, { filter: given, ...args }, { store }) => {
      const filter: Complete<Filter> = {
        actor: given?.actor ?? undefined,
        channel: given?.channel ?? undefined,
        from: given?.from ?? undefined,
        to: given?.to ?? undefined,
      };
      assertSpan(filter);
      const head = { epoch: store.epoch, seq: await store.changesHead() };
      const page = pageFromArgs(args, (cursor, name) => parseLogCursor(head, cursor, name));
      const { rows, hasMore } = await store.listChangeSets(filter, page);
      return connectionOf(
        page,
        { rows: rows.map((first) => ({ first })), hasMore },
        ({ first }) => formatCursor({ epoch: store.epoch, seq: first.seq }),
        () => store.countChangeSets(filter),
      );
    },
  }),
);
