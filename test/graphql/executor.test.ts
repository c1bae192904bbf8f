// Operations are executed by graphql's own executor with less around it: the results must be those of `execute`.
import {
  buildSchema,
  type DocumentNode,
  type ExecutionResult,
  execute,
  type GraphQLObjectType,
  parse,
  validateExecutionArgs,
} from 'graphql';
import { expect, onTestFinished, test } from 'vitest';
import { executeOperation } from '../../src/graphql/engine/executor.ts';
import { type Random, randomOf } from '../fuzz/random.ts';

const FIELDS = `now: Int later: Int throws: Int rejects: Int absent: Int
  needed: Int! neededThrows: Int! neededRejects: Int! neededAbsent: Int!
  node: Node laterNode: Node neededNode: Node! nodes: [Node] neededNodes: [Node!]! laterNodes: [Node!] brokenNodes: [Node!]`;
const schema = buildSchema(
  `type Query { ${FIELDS} } type Mutation { ${FIELDS} } type Subscription { ${FIELDS} } type Node { ${FIELDS} }`,
);

async function later<T>(value: T): Promise<T> {
  await null;
  return value;
}
function fail(text: string): never {
  throw new Error(text);
}
const RESOLVERS: Readonly<Record<string, () => unknown>> = {
  now: () => 1,
  later: () => later(2),
  throws: () => fail('thrown'),
  rejects: async () => fail('rejected'),
  absent: () => null,
  needed: () => 3,
  neededThrows: () => fail('thrown where needed'),
  neededRejects: async () => fail('rejected where needed'),
  neededAbsent: () => null,
  node: () => ({}),
  laterNode: () => later({}),
  neededNode: () => ({}),
  nodes: () => [{}, later({}), null, later(null)],
  neededNodes: () => [{}, later({})],
  laterNodes: () => later([{}, {}]),
  brokenNodes: () => [later({}), later(fail).then((it) => it('rejected in a list')), {}],
};
for (const type of ['Query', 'Mutation', 'Subscription', 'Node']) {
  const fields = Object.values((schema.getType(type) as GraphQLObjectType).getFields());
  for (const field of fields) field.resolve = RESOLVERS[field.name] as () => unknown;
}

const SCALARS = Object.keys(RESOLVERS).filter((it) => !/node/i.test(it));
const NODES = Object.keys(RESOLVERS).filter((it) => /node/i.test(it));

function selection(random: Random, depth: number): string {
  const fields = random.times(random.between(1, 5), () =>
    depth > 0 && random.chance(0.4)
      ? `${random.pick(NODES)} ${selection(random, depth - 1)}`
      : random.pick(random.chance(0.6) ? ['now', 'later', 'needed', 'absent'] : SCALARS),
  );
  return `{ ${fields.map((field, i) => `f${i}: ${field}`).join(' ')} }`;
}

async function executeBoth(document: DocumentNode): Promise<[ours: ExecutionResult, theirs: ExecutionResult]> {
  const args = validateExecutionArgs({ schema, document });
  if (!('schema' in args)) throw new Error('not valid');
  const ours = executeOperation(args);
  const theirs = execute({ schema, document });
  expect(ours instanceof Promise).toBe(theirs instanceof Promise);
  return [await ours, await theirs];
}

const plain = ({ data, errors }: ExecutionResult) => JSON.stringify({ data, errors });

test('random operations have the results of graphql itself, and leave no rejection unhandled', async () => {
  const unhandled: unknown[] = [];
  const onUnhandled = (reason: unknown) => unhandled.push(reason);
  process.on('unhandledRejection', onUnhandled);
  onTestFinished(() => void process.off('unhandledRejection', onUnhandled));
  let failed = 0;
  for (let index = 0; index < 3_000; index++) {
    const random = randomOf(16, index);
    const text = `${random.pick(['query', 'mutation', 'subscription'])} ${selection(random, 3)}`;
    const [ours, theirs] = await executeBoth(parse(text));
    expect(plain(ours), text).toBe(plain(theirs));
    if (ours.errors) failed++;
  }
  await new Promise((resolve) => setTimeout(resolve));
  expect(unhandled).toEqual([]);
  expect(failed).toBeGreaterThan(1_000);
});
