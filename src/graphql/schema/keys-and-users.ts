import { MAX_KEY_CODE, MAX_LOGIN } from '../../domain/import-row.ts';
import { MAX_NAMES } from '../../domain/limits.ts';
import type { Link } from '../../domain/link-change.ts';
import { changeLinks } from '../../operations/change-links.ts';
import type { Linked } from '../../store/store.ts';
import { textUpTo } from '../engine/measure.ts';
import { IntercomFlat } from './flat.ts';
import { ValidationError } from './refusals.ts';
import { toIdInput } from './shared/arguments.ts';
import { builder } from './shared/builder.ts';

/** A mutation of keys or users of a flat, such as `attachKeys`, with its types. */
function linkMutation(verb: 'attach' | 'detach', link: Link, description: string, namesDescription: string): void {
  const attach = verb === 'attach';
  const done = attach ? 'attached' : 'detached';
  const name = `${attach ? 'Attach' : 'Detach'}${link === 'keys' ? 'Keys' : 'Users'}`;

  const Input = builder.inputType(`${name}Input`, {
    description: `Names a flat by \`flatId\`, or by \`intercomId\` and \`flat\`, and the ${link}.`,
    fields: (t) => ({
      intercomId: t.id({ description: "The intercom's id. Required with `flat`; beside `flatId` it must match." }),
      flat: t.int({ description: "The flat's number. Mutually exclusive with `flatId`." }),
      flatId: t.id({ description: 'The record id. Mutually exclusive with `flat`.' }),
      ...({
        [link]: t.stringList({ required: true, description: `${namesDescription}; at most ${MAX_NAMES}.` }),
      } as object),
    }),
  });

  const Success = builder.objectRef<Linked>(`${name}Success`).implement({
    description: 'The change is on disk, or nothing had to change.',
    fields: (t) => ({
      intercomFlat: t.expose('flat', { type: IntercomFlat, description: 'The flat as the mutation left it.' }),
      [done]: t.exposeInt('count', {
        description: attach ? 'How many of them the flat did not have yet.' : 'How many of them the flat had.',
      }),
    }),
  });

  const Result = builder.unionType(`${name}Result`, {
    description: `What became of the ${link}.`,
    types: [Success, ValidationError],
    resolveType: (it) => (it.kind === 'done' ? Success : ValidationError),
  });

  builder.mutationField(`${verb}${name.slice(verb.length)}`, (t) =>
    t.field({
      type: Result,
      description,
      args: { input: t.arg({ type: Input, required: true, description: `The flat and the ${link}.` }) },
      resolve: (_, { input }, { store }) =>
        changeLinks(store, {
          intercomId: toIdInput(input.intercomId),
          flat: input.flat ?? undefined,
          flatId: toIdInput(input.flatId),
          names: (input as unknown as Record<Link, readonly string[]>)[link],
          ...{ link, attach },
        }),
    }),
  );
}

const CODES = 'The codes of the keys: 1 to 64 characters each, without semicolons';
const LOGINS = 'Their logins: 1 to 100 characters each, without semicolons';

linkMutation('attach', 'keys', 'Links keys to a flat, many at once; existing links stay.', CODES);
linkMutation('detach', 'keys', 'Unlinks keys from a flat, many at once; other flats keep them.', CODES);
linkMutation('attach', 'users', 'Attaches users to a flat, many at once; a new login is a new user.', LOGINS);
linkMutation('detach', 'users', 'Detaches users from a flat, many at once; other flats keep them.', LOGINS);

const Key = builder.objectRef<{ readonly code: string }>('Key').implement({
  description: 'A key that opens the door. It may be linked to several flats.',
  fields: (t) => ({
    code: t.exposeString('code', { ...textUpTo(MAX_KEY_CODE), description: 'The code of the key.' }),
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
