import { MAX_KEY_CODE, MAX_LOGIN } from '../../domain/import-row.ts';
import { MAX_NAMES } from '../../domain/limits.ts';
import type { Link } from '../../domain/link-change.ts';
import { changeLinks } from '../../operations/change-links.ts';
import type { Linked, ThreadStore } from '../../store/store.ts';
import { FIRST_COST, SHORT_LIST_COST, textUpTo } from '../engine/costs.ts';
import { IntercomFlat } from './flat.ts';
import { ValidationError } from './refusals.ts';
import { badInput, firstArg, flatRefFields, reasonField, requireFirst, toFlatRefInput } from './shared/arguments.ts';
import { builder, type GraphQLContext } from './shared/builder.ts';
import { formatGlobalId } from './shared/global-id.ts';
import { ID, Node } from './shared/node.ts';

/** The types of a mutation of keys or users. `done` names the count of its success. */
function linkTypes<Names extends Link>(name: string, done: 'attached' | 'detached', link: Names) {
  const description = `${DESCRIPTIONS[link]}; at most ${MAX_NAMES}.`;
  const Input = builder.inputType(`${name}Input`, {
    description: `Names a flat by \`flatId\`, or by \`intercomId\` and \`flat\`, and the ${link}.`,
    fields: (t) => {
      const names = { [link]: t.stringList({ required: true, description }) };
      return { ...flatRefFields(t), ...(names as Record<Names, (typeof names)[string]>), ...reasonField(t) };
    },
  });

  const Success = builder.objectRef<Linked>(`${name}Success`).implement({
    description: 'The change is on disk, or nothing had to change.',
    fields: (t) => ({
      intercomFlat: t.expose('flat', { type: IntercomFlat, description: 'The flat as the mutation left it.' }),
      [done]: t.exposeInt('count', {
        description:
          done === 'attached' ? 'How many of them the flat did not have yet.' : 'How many of them the flat had.',
      }),
    }),
  });

  const Result = builder.unionType(`${name}Result`, {
    description: `The outcome for the ${link}.`,
    types: [Success, ValidationError],
    resolveType: (it) => (it.kind === 'done' ? Success : ValidationError),
  });
  return { Input, Result };
}

const DESCRIPTIONS: Readonly<Record<Link, string>> = {
  keys: 'The codes of the keys: 1 to 64 characters each, without semicolons',
  users: 'Their logins: 1 to 100 characters each, without semicolons',
};

const attachKeys = linkTypes('AttachKeys', 'attached', 'keys');
const detachKeys = linkTypes('DetachKeys', 'detached', 'keys');
const attachUsers = linkTypes('AttachUsers', 'attached', 'users');
const detachUsers = linkTypes('DetachUsers', 'detached', 'users');

/** Attaches names to the flat that the input names, or detaches them. */
const change = (
  { store, actor }: GraphQLContext,
  link: Link,
  attach: boolean,
  input: Parameters<typeof toFlatRefInput>[0] & { readonly reason?: string | null | undefined },
  names: readonly string[],
) =>
  changeLinks(
    store,
    { actor, channel: 'GRAPHQL' },
    { ...toFlatRefInput(input), link, attach, names, reason: input.reason ?? undefined },
  );

builder.mutationField('attachKeys', (t) =>
  t.field({
    type: attachKeys.Result,
    description: 'Links keys to a flat, many at once; existing links stay.',
    args: { input: t.arg({ type: attachKeys.Input, required: true, description: 'The flat and the keys.' }) },
    resolve: (_, { input }, context) => change(context, 'keys', true, input, input.keys),
  }),
);

builder.mutationField('detachKeys', (t) =>
  t.field({
    type: detachKeys.Result,
    description: 'Unlinks keys from a flat, many at once; other flats keep them.',
    args: { input: t.arg({ type: detachKeys.Input, required: true, description: 'The flat and the keys.' }) },
    resolve: (_, { input }, context) => change(context, 'keys', false, input, input.keys),
  }),
);

builder.mutationField('attachUsers', (t) =>
  t.field({
    type: attachUsers.Result,
    description: 'Attaches users to a flat, many at once; a new login is a new user.',
    args: { input: t.arg({ type: attachUsers.Input, required: true, description: 'The flat and the users.' }) },
    resolve: (_, { input }, context) => change(context, 'users', true, input, input.users),
  }),
);

builder.mutationField('detachUsers', (t) =>
  t.field({
    type: detachUsers.Result,
    description: 'Detaches users from a flat, many at once; other flats keep them.',
    args: { input: t.arg({ type: detachUsers.Input, required: true, description: 'The flat and the users.' }) },
    resolve: (_, { input }, context) => change(context, 'users', false, input, input.users),
  }),
);

const AT_LEAST_ONE = 'at least one character';

export const Key = builder.objectRef<{ readonly code: string }>('Key').implement({
  description: 'A key that opens the door. It may be linked to several flats.',
  interfaces: [Node],
  fields: (t) => ({
    id: t.id({
      ...textUpTo(MAX_KEY_CODE),
      description: ID,
      resolve: ({ code }) => formatGlobalId({ type: 'Key', record: code }),
    }),
    code: t.exposeString('code', { ...textUpTo(MAX_KEY_CODE), description: 'The code of the key.' }),
  }),
});

export const User = builder.objectRef<{ readonly login: string }>('User').implement({
  description: 'A person who is attached to flats.',
  interfaces: [Node],
  fields: (t) => ({
    id: t.id({
      ...textUpTo(MAX_LOGIN),
      description: ID,
      resolve: ({ login }) => formatGlobalId({ type: 'User', record: login }),
    }),
    login: t.exposeString('login', { ...textUpTo(MAX_LOGIN), description: 'The name to log in with.' }),
  }),
});

builder.objectFields(IntercomFlat, (t) => ({
  keys: t.field({
    type: [Key],
    description: `The keys that are linked to the flat, by code. ${SHORT_LIST_COST}`,
    resolve: async ({ id, keyCount }, _, { loaders }) =>
      keyCount === 0 ? [] : (await loaders.keys.load(id)).map((code) => ({ code })),
  }),
  users: t.field({
    type: [User],
    description: `The users who are attached to the flat, by login. ${SHORT_LIST_COST}`,
    resolve: async ({ id, usersCount }, _, { loaders }) =>
      usersCount === 0 ? [] : (await loaders.users.load(id)).map((login) => ({ login })),
  }),
}));

builder.queryFields((t) => ({
  keys: t.field({
    type: [Key],
    nullable: true,
    description: `The keys whose code begins with this, by code, as they are typed. ${FIRST_COST}`,
    args: {
      codePrefix: t.arg.string({ required: true, description: `The beginning of a code; ${AT_LEAST_ONE}.` }),
      first: firstArg(t),
    },
    resolve: async (_, { codePrefix, first }, { store }) =>
      (await namesFrom(store, 'keys', 'codePrefix', codePrefix, first)).map((code) => ({ code })),
  }),
  users: t.field({
    type: [User],
    nullable: true,
    description: `The users whose login begins with this, by login, as they are typed. ${FIRST_COST}`,
    args: {
      loginPrefix: t.arg.string({ required: true, description: `The beginning of a login; ${AT_LEAST_ONE}.` }),
      first: firstArg(t),
    },
    resolve: async (_, { loginPrefix, first }, { store }) =>
      (await namesFrom(store, 'users', 'loginPrefix', loginPrefix, first)).map((login) => ({ login })),
  }),
}));

async function namesFrom(store: ThreadStore, link: Link, name: string, prefix: string, first: number) {
  if (prefix === '') throw badInput(`${name} must have ${AT_LEAST_ONE}.`);
  return store.namesFrom(link, prefix, requireFirst(first));
}
