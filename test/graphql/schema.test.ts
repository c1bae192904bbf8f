import { readFileSync } from 'node:fs';
import { getNamedType, isEnumType, isInputObjectType, isInterfaceType, isObjectType, printSchema } from 'graphql';
import { describe, expect, it } from 'vitest';
import { readExamples } from '../../src/graphql/http/graphiql-page.ts';
import { schema } from '../../src/graphql/schema/index.ts';
import { subscribe, take } from '../support/sse.ts';
import { BUILDING, start } from '../support/start.ts';

describe('the schema', () => {
  it('is the one that is printed in the repository (npm run schema)', () => {
    const printed = readFileSync(new URL('../../src/graphql/schema.graphql', import.meta.url), 'utf8');
    expect(`${printSchema(schema)}\n`).toBe(printed);
  });

  it('describes every type, field, argument and value', () => {
    const bare: string[] = [];
    const see = (name: string, it: { description?: string | null | undefined }) => {
      if (!it.description) bare.push(name);
    };
    for (const type of Object.values(schema.getTypeMap())) {
      if (type.name.startsWith('__') || ['ID', 'Int', 'String', 'Boolean', 'Float'].includes(type.name)) continue;
      see(type.name, type);
      if (isEnumType(type)) for (const value of type.getValues()) see(`${type.name}.${value.name}`, value);
      if (isObjectType(type) || isInterfaceType(type) || isInputObjectType(type)) {
        for (const field of Object.values(type.getFields())) {
          see(`${type.name}.${field.name}`, field);
          expect(getNamedType(field.type)).toBeDefined();
          for (const arg of 'args' in field ? field.args : []) see(`${type.name}.${field.name}(${arg.name})`, arg);
        }
      }
    }
    expect(bare).toEqual([]);
  });

  it('has no inputs called id or ids but those of node and nodes: all others take record ids, too', () => {
    const inputs: string[] = [];
    for (const type of Object.values(schema.getTypeMap())) {
      if (isInputObjectType(type)) inputs.push(...Object.keys(type.getFields()).map((it) => `${type.name} ${it}`));
      if (!isObjectType(type)) continue;
      for (const { name, args } of Object.values(type.getFields())) {
        inputs.push(...args.map((it) => `${type.name}.${name} ${it.name}`));
      }
    }
    expect(inputs.filter((it) => / ids?$/i.test(it))).toEqual(['Query.node id', 'Query.nodes ids']);
  });

  it('has examples in GraphiQL that all work', async () => {
    await using world = await start({ flats: BUILDING });
    const examples = await readExamples();
    expect(examples.length).toBeGreaterThan(9);
    for (const query of examples) {
      if (query.includes('subscription ')) {
        const stream = await subscribe(world.url, query);
        await world.patch({ flat_id: 2, is_smartphone_sip_line_available: false });
        expect(await take(stream, 1)).toMatchObject([{ data: { intercomFlatChanged: { flat: 11 } } }]);
        stream.close();
        continue;
      }
      const answer = await world.gql(query);
      expect([query, answer.errors]).toEqual([query, undefined]);
    }
  });
});
