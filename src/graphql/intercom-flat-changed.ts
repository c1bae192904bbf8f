import { followChanges } from '../operations/follow-changes.ts';
import { builder } from './builder.ts';
import { Change } from './change.ts';
import { readId } from './given-id.ts';
import { seqFromCursor } from './log-cursor.ts';

builder.subscriptionField('intercomFlatChanged', (t) =>
  t.field({
    type: Change,
    description:
      'Every change of lines, each exactly once and in order. Keep the last `cursor`, and after any interruption subscribe again with it as `after`: nothing is lost.',
    args: {
      intercomId: t.arg.id({ description: 'Only flats on this intercom.' }),
      flatId: t.arg.id({ description: 'Only the flat with this record id.' }),
      after: t.arg.string({ description: 'Start after this cursor; without it, start now.' }),
    },
    subscribe: async (_, args, { store, tail, signal }) => {
      const following = { intercomId: readId('intercomId', args.intercomId), flatId: readId('flatId', args.flatId) };
      const head = await store.changesHead();
      const seq = args.after == null ? head : seqFromCursor({ epoch: store.epoch, seq: head }, args.after, 'after');
      return followChanges(store, tail, following, seq, signal());
    },
    resolve: (change) => change,
  }),
);
