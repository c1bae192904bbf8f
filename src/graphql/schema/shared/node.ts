import { builder } from './builder.ts';

/** The description of each type's `id`. */
export const ID = 'Unique across types, for caches and `node`. Opaque: keep it and send it back.';

/** What can be read again by its `id` alone. */
export const Node = builder.interfaceRef<object>('Node').implement({
  description: 'A record that can be read again by its `id` alone.',
  fields: (t) => ({
    id: t.id({
      description: ID,
      resolve: () => {
        throw new Error('Each type has an id of its own.');
      },
    }),
  }),
});
