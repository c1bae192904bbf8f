import { MAX_KEY_CODE, MAX_LOGIN } from '../../domain/import-row.ts';
import { textUpTo } from '../engine/measure.ts';
import { IntercomFlat } from './flat.ts';
import { builder } from './shared/builder.ts';

const Key = builder.objectRef<{ readonly code: string }>('Key').implement({
  description: 'A key that opens the door. It may be linked to several flats.',
  fields: (t) => ({
    code: t.exposeString('code', { ...textUpTo(MAX_KEY_CODE), description: 'What is written in the key.' }),
  }),
});

const User = builder.objectRef<{ readonly login: string }>('User').implement({
  description: 'A person who is attached to flats.',
  fields: (t) => ({
    login: t.exposeString('login', { ...textUpTo(MAX_LOGIN), description: 'The name to log in with.' }),
  }),
});

builder.objectFields(IntercomFlat, (t) => ({
  keys: t.field({
    type: [Key],
    description: 'The keys that are linked to the flat, by code.',
    resolve: async ({ id, keyCount }, _, { loaders }) =>
      keyCount === 0 ? [] : (await loaders.keys.load(id)).map((code) => ({ code })),
  }),
  users: t.field({
    type: [User],
    description: 'The users who are attached to the flat, by login.',
    resolve: async ({ id, usersCount }, _, { loaders }) =>
      usersCount === 0 ? [] : (await loaders.users.load(id)).map((login) => ({ login })),
  }),
}));
