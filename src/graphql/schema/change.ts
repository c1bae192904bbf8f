import type { Channel as ChannelName, Change as LogRow } from '../../domain/change.ts';
import { cursorFromPosition } from '../../domain/cursor.ts';
import { MAX_REASON } from '../../domain/limits.ts';
import { MAX_TOKEN_NAME } from '../../domain/token.ts';
import { textUpTo } from '../engine/measure.ts';
import { IntercomFlat, IntercomFlatProperties } from './flat.ts';
import { builder } from './shared/builder.ts';
import { DateTime } from './shared/date-time.ts';
import { enumValues } from './shared/enum-values.ts';

const CHANNEL_DESCRIPTIONS: Readonly<Record<ChannelName, string>> = {
  GRAPHQL: 'A GraphQL mutation.',
  REST: "The legacy `PATCH` of the vendor's API.",
  IMPORT: 'A CSV file.',
  CLI: 'A command of the operator.',
};

export const Channel = builder.enumType('Channel', {
  description: 'The way by which a change came in.',
  values: enumValues(CHANNEL_DESCRIPTIONS),
});

export const Change = builder.objectRef<LogRow>('Change').implement({
  description: "One row of the log: a change of one flat's lines. Creating and deleting flats makes none.",
  fields: (t) => ({
    cursor: t.string({
      description: 'The place in the log. Opaque: keep it and hand it back.',
      resolve: ({ seq }, _, { store }) => cursorFromPosition({ epoch: store.epoch, seq }),
    }),
    changedAt: t.expose('changedAt', { type: DateTime, description: 'When it was changed.' }),
    actor: t.exposeString('actor', {
      ...textUpTo(MAX_TOKEN_NAME),
      description: 'Who changed it: the name of a token, `legacy`, or `local`.',
    }),
    channel: t.expose('channel', { type: Channel, description: 'By which way it came in.' }),
    reason: t.exposeString('reason', {
      ...textUpTo(MAX_REASON),
      nullable: true,
      description: 'Why, in the words of who changed it.',
    }),
    flatId: t.exposeID('flatId', { description: 'The record id of the flat.' }),
    intercomId: t.exposeID('intercomId', { description: 'The id of its intercom.' }),
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
