import { readFileSync } from 'node:fs';
import { OperationTypeNode, parse } from 'graphql';
import { expect, it } from 'vitest';
import * as operations from '../../src/console/page/operations.ts';
import { BUILDING, start } from '../support/start.ts';
import { OPERATIONS_FILE, operationsText } from './operations-text.ts';

it('the types of the operations are those that are in the repository (npm run schema)', async () => {
  expect(await operationsText()).toBe(readFileSync(OPERATIONS_FILE, 'utf8'));
});

/** Variables with which each query finds something. */
const VARIABLES: Readonly<Record<string, object>> = {
  Search: {
    text: 'gard',
    flat: 10,
    hasFlat: true,
    hasTitle: true,
    titleAndFlat: { intercomTitle: 'gard', flat: 10 },
    hasBoth: true,
  },
  Overview: { from: '2026-11-26T00:00:00Z', to: '2026-11-27T00:00:00Z' },
  Building: { intercomId: '1' },
  FlatsNow: { flatIds: ['1', '2'], matching: { flatIds: ['1'] } },
  FlatByNumber: { intercomId: '1', flat: 10 },
  FlatDetails: { flatId: '1' },
  // A change set of another log.
  Act: { id: Buffer.from('ChangeSet:0.1').toString('base64url') },
  OtherChanges: { id: Buffer.from('ChangeSet:0.1').toString('base64url'), kinds: ['KEYS_ATTACHED'] },
  ActsSince: { actor: 'local' },
};

it('every query of the page passes the default limits', async () => {
  await using world = await start({ flats: BUILDING });
  const { changesHead } = (await world.gql('{ changesHead }')).data;
  for (const [name, text] of Object.entries(operations)) {
    const after = name === 'ActsSince' ? changesHead : undefined;
    const [definition] = parse(text).definitions;
    if (!definition || !('operation' in definition) || definition.operation !== OperationTypeNode.QUERY) continue;
    const { status, errors } = await world.gql(text, { after, ...VARIABLES[name] });
    expect([name, status, errors]).toEqual([name, 200, undefined]);
  }
});

it('caller says who asks, and what it may do', async () => {
  await using world = await start();
  const ask = async (headers = {}) => (await world.gql('{ caller { actor scope } }', {}, headers)).data;
  expect(await ask()).toEqual({ caller: { actor: 'local', scope: 'ADMIN' } });
  for (const scope of ['read', 'write', 'admin'] as const) {
    const token = await world.bearer(scope, `anna-${scope}`);
    expect(await ask(token)).toEqual({ caller: { actor: `anna-${scope}`, scope: scope.toUpperCase() } });
  }
  expect((await world.gql('{ caller { actor } }')).status).toBe(401);
});
