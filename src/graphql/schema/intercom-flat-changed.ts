import { cursorFromPosition } from '../../domain/cursor.ts';
import { followChanges } from '../../operations/follow-changes.ts';
import { Change } from './change.ts';
import { readId } from './shared/arguments.ts';
import { builder } from './shared/builder.ts';
import { seqFromCursor } from './shared/log-cursor.ts';

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
    subscribe: async (_, args, { store, tail, signal, position, lastEventId }) => {
      const following = { intercomId: readId('intercomId', args.intercomId), flatId: readId('flatId', args.flatId) };
      const head = await store.changesHead();
      // Only a client that reconnects sends one, and it has seen more than when it first asked.
      const [after, name] = lastEventId === undefined ? [args.after, 'after'] : [lastEventId, 'Last-Event-ID'];
      const seq = after == null ? head : seqFromCursor({ epoch: store.epoch, seq: head }, after, name);
      position.cursor = cursorFromPosition({ epoch: store.epoch, seq });
      return followChanges(store, tail, following, seq, signal());
    },
    resolve: (change, _, { store, position }) => {
      position.cursor = cursorFromPosition({ epoch: store.epoch, seq: change.seq });
      return change;
    },
  }),
);
