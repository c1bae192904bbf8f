import type { Caller, Scope } from '../../domain/caller.ts';
import { enumValues } from './shared/arguments.ts';
import { builder } from './shared/builder.ts';

type ScopeName = Uppercase<Scope>;

const ScopeEnum = builder.enumType('Scope', {
  description: 'What a caller may do; each scope holds those before it.',
  values: enumValues<ScopeName>({
    READ: 'Queries and subscriptions.',
    WRITE: 'Updates of lines, too.',
    ADMIN: 'Everything.',
  }),
});

const CallerType = builder.objectRef<Caller>('Caller').implement({
  description: 'Who sends the request.',
  fields: (t) => ({
    actor: t.exposeString('actor', { description: 'The name that its changes have in the change log.' }),
    scope: t.field({
      type: ScopeEnum,
      description: 'What it may do.',
      // Nobody without a scope gets as far as this.
      resolve: ({ scope }) => (scope ?? 'read').toUpperCase() as ScopeName,
    }),
  }),
});

builder.queryField('caller', (t) =>
  t.field({
    type: CallerType,
    description: 'Who sends this request: the name and the scope of its token.',
    resolve: (_, __, { caller }) => caller,
  }),
);
