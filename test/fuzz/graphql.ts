import { hostileDocument, operationOf } from './documents.ts';
import { authorization, hostOf, oddHeaders, type Tokens } from './headers.ts';
import { chunked, type Headers, type Input, requestBytes } from './input.ts';
import type { Random } from './random.ts';
import { mutated, nest, oddJson, PROTOTYPE_NAMES } from './values.ts';

interface Asked {
  readonly kind: 'document' | 'variables' | 'hostile' | 'body';
  readonly document: string;
  readonly variables: string;
}

const KINDS = [
  [6, 'query'],
  [4, 'mutation'],
  [0.3, 'subscription'],
] as const;

/** So many documents come again and again. */
const KNOWN_DOCUMENTS = 200;

function askedOf(random: Random): Asked {
  const kind = random.weighted<Asked['kind']>([
    [50, 'document'],
    [30, 'variables'],
    [10, 'hostile'],
    [10, 'body'],
  ]);
  if (kind === 'hostile') return { kind, document: hostileDocument(random), variables: '{}' };
  const source = random.chance(0.4) ? random.shared(KNOWN_DOCUMENTS) : random;
  const operation = operationOf(source, source.weighted(KINDS));
  if (kind === 'document' && source === random && random.chance(0.6)) {
    return { ...operation, kind, document: mutated(random, Buffer.from(operation.document)).toString() };
  }
  if (kind !== 'variables') return { ...operation, kind };
  const { document } = operation;
  const names = [...document.matchAll(/\$(\w+):/g)].map((it) => it[1] as string);
  if (random.chance(0.3)) names.push(random.pick(PROTOTYPE_NAMES), random.text(8));
  const values = names.map((it) => `${JSON.stringify(it)}: ${oddJson(random)}`);
  const variables = random.weighted<() => string>([
    [8, () => `{${values.join(', ')}}`],
    [1, () => oddJson(random)],
    [0.3, () => nest(random, 5_000)],
    [1, () => mutated(random, Buffer.from(operation.variables)).toString()],
  ])();
  return { kind, document, variables };
}

function bodyOf(random: Random, { kind, document, variables }: Asked): Buffer {
  const parts = [`"query": ${JSON.stringify(document)}`, `"variables": ${variables}`];
  if (random.chance(0.1)) parts.push(`"operationName": ${random.chance(0.5) ? '"Q"' : oddJson(random)}`);
  if (random.chance(0.05)) parts.push(`"extensions": ${oddJson(random)}`);
  const body = Buffer.from(`{${parts.join(', ')}}`);
  if (kind !== 'body') return body;
  return random.weighted<() => Buffer>([
    [4, () => mutated(random, body)],
    [1, () => body.subarray(0, random.below(body.length))],
    [1, () => Buffer.from(`[${body}, ${body}]`)],
    [1, () => Buffer.from(`\ufeff${body}`)],
    [1, () => Buffer.from(`{"${random.pick(PROTOTYPE_NAMES)}": ${oddJson(random)}, ${parts.join(', ')}}`)],
    [1, () => Buffer.from(oddJson(random))],
    [1, () => Buffer.from(`query=${encodeURIComponent(document.toWellFormed())}`)],
    [1, () => random.bytes(random.below(300))],
    [0.05, () => Buffer.alloc(random.pick([100_000, 5 * 1024 * 1024 + 1]), '[')],
  ])();
}

/** A request of the GraphQL door. */
export function graphqlInput(random: Random, tokens: Tokens): Input {
  const asked = askedOf(random);
  const common: Headers = [['Host', hostOf(random)], ...authorization(random, tokens)];
  const streams = random.chance(asked.document.startsWith('sub') ? 0.6 : 0.02);
  const accept: Headers = streams
    ? [['Accept', 'text/event-stream']]
    : random.chance(0.1)
      ? [['Accept', '*/json']]
      : [];
  if (random.chance(0.08)) {
    const encode = random.chance(0.8) ? encodeURIComponent : (it: string) => it.replace(/[^!-~]/g, '+');
    const query = encode(asked.document.toWellFormed()).slice(0, 8_000);
    const search = random.pick([
      `query=${query}`,
      `query=${query}&variables=${encode(asked.variables.toWellFormed()).slice(0, 4_000)}`,
    ]);
    const method = random.weighted([
      [8, 'GET'],
      [1, 'HEAD'],
      [1, 'OPTIONS'],
    ]);
    const bytes = requestBytes(
      method,
      `/graphql?${search}`,
      [...common, ...accept, ...oddHeaders(random)],
      Buffer.alloc(0),
    );
    return { kind: 'graphql GET', pieces: [bytes], whole: true, headOnly: method === 'HEAD' };
  }
  const body = bodyOf(random, asked);
  const inChunks = random.chance(0.05);
  const headers: Headers = [
    ...common,
    ...accept,
    [
      'Content-Type',
      random.chance(0.95)
        ? 'application/json'
        : random.pick(['application/graphql+json', 'text/plain', 'application/x-www-form-urlencoded']),
    ],
    ...(random.chance(0.3) ? oddHeaders(random) : []),
    inChunks ? ['Transfer-Encoding', 'chunked'] : ['Content-Length', `${body.length}`],
  ];
  const bytes = requestBytes('POST', '/graphql', headers, inChunks ? chunked(body) : body);
  return { kind: `graphql ${asked.kind}`, pieces: [bytes], whole: true };
}
