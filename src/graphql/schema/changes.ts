import type { ChangeFilter as Filter, Change as LogRow } from '../../domain/change.ts';
import { cursorFromPosition } from '../../domain/cursor.ts';
import type { Complete } from '../../domain/input.ts';
import type { Store } from '../../store/store.ts';
import { Change, Channel } from './change.ts';
import { IntercomFlat } from './flat.ts';
import { readId } from './shared/arguments.ts';
import { badInput } from './shared/bad-input.ts';
import { builder } from './shared/builder.ts';
import {
  type Connection,
  connectionOf,
  connectionType,
  type PageArgs,
  pageArgs,
  pageFromArgs,
} from './shared/connection.ts';
import { DateTime } from './shared/date-time.ts';
import { seqFromCursor } from './shared/log-cursor.ts';

const ChangeConnection = connectionType('Change', Change, 'changes');

const ChangeFilter = builder.inputType('ChangeFilter', {
  description: 'What is left out or null does not restrict; everything else must hold.',
  fields: (t) => ({
    intercomId: t.id({ description: 'Of a flat on this intercom.' }),
    flatId: t.id({ description: 'Of the flat with this record id.' }),
    actor: t.string({ description: 'Made by this actor.' }),
    channel: t.field({ type: Channel, description: 'That came in by this way.' }),
    from: t.field({ type: DateTime, description: 'At this moment or later.' }),
    to: t.field({ type: DateTime, description: 'Before this moment.' }),
  }),
});

async function listChanges(store: Store, filter: Filter, args: PageArgs): Promise<Connection<LogRow>> {
  const head = await store.changesHead();
  const page = pageFromArgs(args, (cursor, name) => seqFromCursor({ epoch: store.epoch, seq: head }, cursor, name));
  return connectionOf(
    page,
    await store.listChanges(filter, page),
    ({ seq }) => cursorFromPosition({ epoch: store.epoch, seq }),
    () => store.countChanges(filter),
  );
}

builder.queryFields((t) => ({
  changes: t.field({
    type: ChangeConnection,
    description:
      'The log, page by page, oldest first, so that `last: 1` is the newest change. Its cursors are those of the feed: whoever polls asks for what is `after` the last cursor seen.',
    args: {
      filter: t.arg({ type: ChangeFilter, description: 'Which changes; all when it is left out.' }),
      ...pageArgs,
    },
    resolve: (_, { filter: given, ...args }, { store }) => {
      const filter: Complete<Filter> = {
        intercomId: readId('intercomId', given?.intercomId),
        flatId: readId('flatId', given?.flatId),
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
    description: 'The cursor of now: what comes `after` it is new. There is one for an empty log, too.',
    resolve: async (_, __, { store }) => cursorFromPosition({ epoch: store.epoch, seq: await store.changesHead() }),
  }),
}));

builder.objectField(IntercomFlat, 'changes', (t) =>
  t.field({
    type: ChangeConnection,
    description: 'The history of this flat, page by page, oldest first.',
    args: pageArgs,
    resolve: ({ id }, args, { store }) => listChanges(store, { flatId: id }, args),
  }),
);
