import {
  type GraphQLArgument,
  GraphQLBoolean,
  type GraphQLInputType,
  GraphQLNonNull,
  type GraphQLObjectType,
  type GraphQLOutputType,
  getNamedType,
  isCompositeType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isListType,
  isNonNullType,
  isUnionType,
} from 'graphql';
import { schema } from '../../src/graphql/schema/index.ts';
import type { Random } from './random.ts';
import { FLATS, FLATS_PER_INTERCOM, INTERCOMS } from './rest.ts';
import { oddJson, PROTOTYPE_NAMES } from './values.ts';

/** An operation, and variables for it, as JSON. */
export interface Operation {
  readonly document: string;
  readonly variables: string;
}

/** Intercoms of a run come and go under these names, so that their number stays small. */
const EXTERNAL_IDS = Array.from({ length: 12 }, (_, i) => `fuzz-${i}`);
const KEYS = Array.from({ length: 40 }, (_, i) => `K${i}`);
const USERS = Array.from({ length: 40 }, (_, i) => `u${i}`);

const globalId = (type: string, record: number | string) =>
  JSON.stringify(Buffer.from(`${type}:${record}`).toString('base64url'));

/** A record id, or a global id; `node` takes global ids alone. */
function plausibleId(random: Random, name: string): string {
  const intercom = random.between(1, INTERCOMS);
  const flat = random.between(1, FLATS);
  const isNode = name === 'id' || name === 'ids';
  if (isNode || random.chance(0.2)) {
    return random.weighted([
      [4, globalId('Intercom', intercom)],
      [4, globalId('IntercomFlat', flat)],
      [1, globalId('Key', random.pick(KEYS))],
      [1, globalId('User', random.pick(USERS))],
      [1, globalId('Change', `0123456789abcdef.${flat}`)],
      [1, `${flat}`],
    ]);
  }
  return `${name === 'intercomId' ? intercom : flat}`;
}

/** A value that fits, by the name of its field. */
function plausibleScalar(random: Random, type: string, name: string): string {
  if (type === 'Boolean') {
    if (name === 'dryRun') return random.chance(0.9) ? 'true' : 'false';
    if (name === 'atomic') return random.chance(0.5) ? 'true' : 'false';
    return random.pick(['true', 'false']);
  }
  if (type === 'DateTime') return '"2026-11-23T20:30:00Z"';
  if (name === 'first' || name === 'last') return `${random.between(1, 5)}`;
  if (type === 'Int') return `${random.between(1, FLATS_PER_INTERCOM)}`;
  if (type === 'ID') return plausibleId(random, name);
  if (name === 'keys' || name === 'keyCode') return JSON.stringify(random.pick(KEYS));
  if (name === 'users' || name.startsWith('userLogin')) return JSON.stringify(random.pick(USERS));
  if (/externalId/i.test(name)) return JSON.stringify(random.pick(EXTERNAL_IDS));
  return JSON.stringify(random.chance(0.7) ? 'Intercom' : random.text(20).toWellFormed());
}

const PROVISIONS = ['CreateIntercomInput', 'UpdateIntercomInput', 'DeleteIntercomInput'];

/** Writes one operation with everything it needs. */
class Writer {
  readonly random: Random;
  readonly definitions: string[] = [];
  readonly variables: string[] = [];
  readonly fragments: string[] = [];
  readonly oddness: number;

  constructor(random: Random) {
    this.random = random;
    this.oddness = random.pick([0, 0, 0.02, 0.1]);
  }

  /** A value as it stands in a document, or as JSON. */
  value(type: GraphQLInputType, name: string, json: boolean, depth = 0): string {
    const { random } = this;
    if (random.chance(this.oddness)) {
      const odd = oddJson(random);
      return json || odd.length > 500 ? odd : odd.replace(/"(\w+)":/g, '$1:');
    }
    if (isNonNullType(type)) return this.value(type.ofType, name, json, depth);
    if (isListType(type)) {
      return `[${random
        .times(
          random.weighted([
            [1, 0],
            [8, 1],
            [4, 3],
            [0.2, 30],
          ]),
          () => this.value(type.ofType, name, json, depth),
        )
        .join(', ')}]`;
    }
    if (isEnumType(type)) {
      const value = random.pick(type.getValues()).name;
      return json ? `"${value}"` : value;
    }
    if (!isInputObjectType(type)) return plausibleScalar(random, type.name, name);
    const fields = Object.values(type.getFields());
    const chosen = type.isOneOf
      ? [random.pick(fields)]
      : fields.filter((field) => {
          if (PROVISIONS.includes(type.name) && field.name === 'externalId') return true;
          if (PROVISIONS.includes(type.name) && field.name === 'intercomId') return random.chance(0.03);
          if (type.name === 'UpdateIntercomFlatsWhereInput' && field.name === 'dryRun') return random.chance(0.9);
          return isNonNullType(field.type) || random.chance(depth > 2 ? 0.1 : 0.4);
        });
    return `{${chosen
      .map(
        (field) => `${json ? `"${field.name}"` : field.name}: ${this.value(field.type, field.name, json, depth + 1)}`,
      )
      .join(', ')}}`;
  }

  argument({ name, type }: GraphQLArgument): string {
    if (this.random.chance(0.5)) return `${name}: ${this.value(type, name, false)}`;
    const declared = this.random.chance(0.97) ? String(type) : this.random.pick(['Int', 'String!', '[ID]', 'Nope']);
    return `${name}: ${this.variable(type, name, declared)}`;
  }

  /** A variable of this type, with or without a default, and with a value, with null, or left out. */
  variable(type: GraphQLInputType, name: string, declared = String(type)): string {
    const { random } = this;
    const index = this.definitions.length;
    const called = random.chance(0.05) ? random.pick(PROTOTYPE_NAMES) : `v${index}`;
    const variable = this.definitions.some((it) => it.startsWith(`$${called}:`)) ? `v${index}` : called;
    const fallback = random.chance(0.15) ? ` = ${random.chance(0.1) ? 'null' : this.value(type, name, false)}` : '';
    this.definitions.push(`$${variable}: ${declared}${fallback}`);
    const sent = random.weighted([
      [16, 'value'],
      [1, 'null'],
      [fallback ? 6 : 1, 'nothing'],
    ]);
    if (sent !== 'nothing') {
      this.variables.push(`"${variable}": ${sent === 'null' ? 'null' : this.value(type, name, true)}`);
    }
    return `$${variable}`;
  }

  directives(): string {
    if (this.random.chance(0.93)) return '';
    if (this.random.chance(0.5)) {
      const type = this.random.pick([GraphQLBoolean, new GraphQLNonNull(GraphQLBoolean)]);
      return ` @${this.random.pick(['include', 'skip'])}(if: ${this.variable(type, 'if')})`;
    }
    return this.random.pick([
      ' @include(if: true)',
      ' @skip(if: false)',
      ' @include(if: false)',
      ' @nope',
      ' @skip',
      ' @include(if: 1) @include(if: true)',
    ]);
  }

  selection(type: GraphQLOutputType, depth: number): string {
    const { random } = this;
    const named = getNamedType(type);
    if (!isCompositeType(named)) return '';
    if (isUnionType(named) || (isInterfaceType(named) && random.chance(0.7))) {
      const members = schema.getPossibleTypes(named).filter(() => random.chance(0.7));
      return `{ __typename ${members.map((it) => `... on ${it.name}${this.directives()} ${this.fields(it, depth)}`).join(' ')} }`;
    }
    if (!isInterfaceType(named) && random.chance(0.05)) {
      const name = `F${this.fragments.length}`;
      const at = this.fragments.push('') - 1;
      this.fragments[at] = `fragment ${name} on ${named.name} ${this.fields(named, depth)}`;
      return `{ ...${name}${this.directives()} }`;
    }
    return this.fields(named as GraphQLObjectType, depth);
  }

  fields(type: Pick<GraphQLObjectType, 'getFields'>, depth: number): string {
    const { random } = this;
    const all = Object.values(type.getFields()).filter((it) => depth > 0 || !isCompositeType(getNamedType(it.type)));
    const chosen = all.filter(() => random.chance(0.4));
    const written = chosen.map((it) => this.field(it.name, it.args, it.type, depth - 1));
    if (written.length === 0 || random.chance(0.1)) written.push('__typename');
    return `{ ${written.join(' ')} }`;
  }

  field(name: string, args: readonly GraphQLArgument[], type: GraphQLOutputType, depth: number): string {
    const { random } = this;
    const given = args.filter((it) => isNonNullType(it.type) || random.chance(0.4)).map((it) => this.argument(it));
    const alias = random.chance(0.05) ? `${random.pick(['a', 'b', ...PROTOTYPE_NAMES])}: ` : '';
    const called = given.length > 0 ? `(${given.join(', ')})` : '';
    return `${alias}${name}${called}${this.directives()} ${this.selection(type, depth)}`;
  }
}

/** An operation that the schema knows, or nearly so. */
export function operationOf(random: Random, kind: 'query' | 'mutation' | 'subscription'): Operation {
  const writer = new Writer(random);
  const roots = {
    query: schema.getQueryType(),
    mutation: schema.getMutationType(),
    subscription: schema.getSubscriptionType(),
  };
  const all = Object.values((roots[kind] as GraphQLObjectType).getFields());
  const count =
    kind === 'subscription'
      ? 1
      : random.weighted([
          [8, 1],
          [2, 2],
          [0.3, 5],
        ]);
  const fields = random.times(count, (i) => {
    const { name, args, type } = random.pick(all);
    return `${count > 1 ? `f${i}: ` : ''}${writer.field(name, args, type, random.between(1, 5))}`;
  });
  const declared = writer.definitions.length > 0 ? `(${writer.definitions.join(', ')})` : '';
  const document = [`${kind} Q${declared} { ${fields.join(' ')} }`, ...writer.fragments].join('\n');
  return { document, variables: `{${writer.variables.join(', ')}}` };
}

const repeated = (text: string, times: number): string => text.repeat(times);

/** Documents that are large, deep or repeat themselves. */
export function hostileDocument(random: Random): string {
  const n = random.pick([5, 50, 500, 3_000]);
  return random.pick<() => string>([
    () => `${repeated('{a', n)}${repeated('}', n)}`,
    () => `{ changesHead ${repeated('@include(if: true) ', n)}}`,
    () => `{ ${random.times(n, (i) => `a${i}: changesHead`).join(' ')} }`,
    () => `{ ${repeated('changesHead ', n)} }`,
    () => `{ intercomFlats(filter: ${repeated('{intercomId:', n)}1${repeated('}', n)}) { totalCount } }`,
    () => `{ intercomFlats(filter: ${repeated('[', n)}${repeated(']', n)}) { totalCount } }`,
    () =>
      `{ ...A } ${random.times(n, (i) => `fragment A${i} on Query { ...A${i + 1} ...A${i + 1} }`).join(' ')} fragment A on Query { ...A0 }`,
    () => 'fragment A on Query { ...B } fragment B on Query { ...A } { ...A }',
    () => `{ ${repeated('... on Query { ', n)} changesHead ${repeated('}', n)} }`,
    () => `query (${random.times(n, (i) => `$v${i}: Int`).join(' ')}) { changesHead }`,
    () => `query ($v: ${repeated('[', n)}Int${repeated(']', n)}) { changesHead }`,
    () =>
      `{ __schema { types ${repeated('{ fields { type ', Math.min(n, 50))}{ name }${repeated('} }', Math.min(n, 50))} } }`,
    () =>
      `{ ${repeated('intercoms { edges { node { flats { edges { node { intercom { flats { edges { node { ', Math.min(n, 5))} id`,
    () => `${random.times(Math.min(n, 300), (i) => `query Q${i} { changesHead }`).join(' ')}`,
    () => `{ changesHead } # ${repeated('x', n)}`,
    () => `{ intercom(by: { externalId: """${random.text(n)}""" }) { intercomId } }`,
    () => `${repeated(',\ufeff \n', n)}{ changesHead }`,
    () => `subscription { ${repeated('intercomFlatChanged { flat } ', Math.min(n, 50))} }`,
    () => `extend type Query { a: Int } schema { query: Query } { changesHead }`,
  ])();
}
