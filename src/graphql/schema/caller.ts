import type { Caller, Scope } from '../../domain/caller.ts';
import { enumValues } from './shared/arguments.ts';
import { type About, builder } from './shared/builder.ts';
import { DateTime } from './shared/date-time.ts';

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
    expiresAt: t.field({
      type: DateTime,
      nullable: true,
      description: 'From when on its token is not accepted any more; null when that does not expire, or there is none.',
      resolve: (caller) => (caller.by === 'token' ? caller.expiresAt : null),
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

const Service = builder.objectRef<About>('Service').implement({
  description: 'An installation of this service.',
  fields: (t) => ({
    name: t.string({
      nullable: true,
      description: 'What its staff calls it (`SERVICE_NAME`), such as TEST; null where it has no name.',
      resolve: ({ name }) => name ?? null,
    }),
    version: t.exposeString('version', { description: 'The version of its program.' }),
  }),
});

builder.queryField('service', (t) =>
  t.field({
    type: Service,
    description: 'Which installation answers this request.',
    resolve: (_, __, { about }) => about,
  }),
);
