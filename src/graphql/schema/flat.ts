import type { Flat } from '../../domain/flat.ts';
import { type FlatRef, type FlatRefInput, parseFlatRef } from '../../domain/flat-ref.ts';
import type { Lines } from '../../domain/lines.ts';
import type { Locale } from '../../texts/index.ts';
import { requireValid, toIdInput } from './shared/arguments.ts';
import { builder } from './shared/builder.ts';
import { DateTime } from './shared/date-time.ts';
import { formatGlobalId } from './shared/global-id.ts';
import { forEachLine } from './shared/lines.ts';
import { ID, Node } from './shared/node.ts';

export const IntercomFlatProperties = builder.objectRef<Lines>('IntercomFlatProperties').implement({
  description: 'Which phone lines ring in a flat.',
  fields: (t) => forEachLine((line, description) => t.boolean({ description, resolve: (lines) => lines[line] })),
});

export const IntercomFlat = builder.objectRef<Flat>('IntercomFlat').implement({
  description: 'One apartment on one door intercom.',
  interfaces: [Node],
  fields: (t) => ({
    id: t.id({
      description: ID,
      resolve: ({ id }) => formatGlobalId({ type: 'IntercomFlat', record: id }),
    }),
    flatId: t.exposeID('id', { description: 'The record id, as REST, files and commands know it.' }),
    flat: t.exposeInt('flat', { description: "The apartment's number, unique within its intercom." }),
    intercomId: t.exposeID('intercomId', { description: "The intercom's record id." }),
    keyCount: t.exposeInt('keyCount', { description: 'How many keys are linked to the flat.' }),
    usersCount: t.exposeInt('usersCount', { description: 'How many users are attached to the flat.' }),
    properties: t.expose('lines', { type: IntercomFlatProperties, description: 'The phone lines of the flat.' }),
    version: t.exposeInt('version', {
      description: 'Starts at 1 and grows by 1 with every change of lines; keys and users do not count.',
    }),
    updatedAt: t.expose('updatedAt', { type: DateTime, description: 'When the lines were last set.' }),
  }),
});

const FlatNumber = builder.inputType('FlatNumber', {
  description: 'A flat by its number on its intercom.',
  fields: (t) => ({
    intercomId: t.id({ required: true, description: "The intercom's record id." }),
    flat: t.int({ required: true, description: "The apartment's number." }),
  }),
});

const IntercomFlatBy = builder.inputType('IntercomFlatBy', {
  description: 'What names a flat: its record id, or its number on its intercom.',
  isOneOf: true,
  fields: (t) => ({
    flatId: t.id({ description: 'The record id.' }),
    number: t.field({ type: FlatNumber, description: 'The number on an intercom.' }),
  }),
});

builder.queryField('intercomFlat', (t) =>
  t.field({
    type: IntercomFlat,
    nullable: true,
    description: 'One flat, or null when it does not exist.',
    args: { by: t.arg({ type: IntercomFlatBy, required: true, description: 'The flat to read.' }) },
    resolve: async (_, { by }, { store, locale }) => (await store.findFlat(flatRef(by, locale))) ?? null,
  }),
);

function flatRef({ flatId, number }: typeof IntercomFlatBy.$inferInput, locale: Locale): FlatRef {
  const input: FlatRefInput = {
    intercomId: toIdInput('intercomId', number?.intercomId),
    flat: number?.flat ?? undefined,
    flatId: toIdInput('flatId', flatId),
  };
  return requireValid(parseFlatRef(input), locale, (field) => field);
}
