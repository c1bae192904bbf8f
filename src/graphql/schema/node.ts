import { brandWithType } from '@pothos/core';
import { GraphQLError } from 'graphql';
import type { Change } from '../../domain/change.ts';
import { LIMIT_EXCEEDED } from '../../domain/limits.ts';
import { textsOf } from '../../texts/index.ts';
import { ENTRY_COST } from '../engine/costs.ts';
import { CHANGE_TYPES } from './change.ts';
import { ChangeSet } from './change-set.ts';
import { IntercomFlat } from './flat.ts';
import { Intercom } from './intercom.ts';
import { Key, User } from './keys-and-users.ts';
import { badInput } from './shared/arguments.ts';
import { builder, type GraphQLContext } from './shared/builder.ts';
import { type GlobalId, parseGlobalId } from './shared/global-id.ts';
import { needsLong } from './shared/needs.ts';
import { Node } from './shared/node.ts';

const MAX_NODES = 500;

/** Reads what an id names; null when it does not exist any more. */
async function readNode(id: string, name: string, context: GraphQLContext): Promise<object | null> {
  const given = parseGlobalId(id);
  if (!given) throw badInput(`${name} is not a global id: send the \`id\` of an answer, not a record id.`);
  const found = await findRecord(given, context);
  if (!found) return null;
  brandWithType(found, given.type === 'Change' ? CHANGE_TYPES[(found as Change).kind] : TYPES[given.type]);
  return found;
}

const TYPES = { ChangeSet, Intercom, IntercomFlat, Key, User } as const;

async function findRecord(id: GlobalId, { loaders, store }: GraphQLContext): Promise<object | undefined> {
  switch (id.type) {
    case 'Intercom':
      return loaders.intercom.load(id.record);
    case 'IntercomFlat':
      return loaders.flat.load(id.record);
    case 'Change':
      return id.record.epoch === store.epoch ? loaders.change.load(id.record.seq) : undefined;
    case 'ChangeSet': {
      const change = id.record.epoch === store.epoch ? await loaders.change.load(id.record.seq) : undefined;
      return change && change.changeSet === change.seq ? { first: change } : undefined;
    }
    case 'Key':
      return (await loaders.hasKey.load(id.record)) ? { code: id.record } : undefined;
    case 'User':
      return (await loaders.hasUser.load(id.record)) ? { login: id.record } : undefined;
  }
}

builder.queryFields((t) => ({
  node: t.field({
    type: Node,
    nullable: true,
    description:
      'The record with this `id`, or null when it does not exist any more: it was deleted, no flat has the key or user, or the change was pruned or is of another change log.',
    args: { id: t.arg.id({ required: true, description: 'The `id` of an answer; not a record id.' }) },
    resolve: (_, { id }, context) => readNode(id, 'id', context),
  }),
  nodes: t.field({
    ...needsLong('read'),
    type: [Node],
    nullable: { list: false, items: true },
    description: `The records with these ids, at most ${MAX_NODES}, in this order: null for each that does not exist any more, and null with an error of its own for each that is not an id. ${ENTRY_COST}`,
    args: { ids: t.arg.idList({ required: true, description: 'The ids of answers; not record ids.' }) },
    resolve(_, { ids }, context) {
      if (ids.length > MAX_NODES) {
        throw new GraphQLError(textsOf(context.locale).tooManyIds(MAX_NODES), { extensions: { code: LIMIT_EXCEEDED } });
      }
      return ids.map((id, index) => readNode(id, `ids[${index}]`, context));
    },
  }),
}));
