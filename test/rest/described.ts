import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import about from '../../package.json' with { type: 'json' };
import { REST_PATH } from '../../src/rest/address.ts';
import { openApiDocument } from '../../src/rest/openapi.ts';

export const DOCUMENT = openApiDocument(about.version);
export const { get: READ, head: CHECK, patch: UPDATE } = DOCUMENT.paths[REST_PATH];

export type Operation = typeof READ | typeof CHECK | typeof UPDATE;

interface Answered {
  readonly status: number;
  readonly headers: Headers;
  readonly body: unknown;
}

interface Described {
  readonly headers: Readonly<Record<string, { readonly $ref: string }>>;
  /** Absent of an answer without a body. */
  readonly content?: { readonly 'application/json': { readonly schema: { readonly $ref: string } } };
}

/** Headers that every HTTP server sends, and those of pages in browsers. */
const PLAIN = /^(connection|keep-alive|date|content-type|content-length|vary|access-control-.*)$/;

/** Forbids keys that are not described, so that an answer shows when the description has a gap. */
function closed(schema: unknown): unknown {
  if (typeof schema !== 'object' || schema === null || Array.isArray(schema)) return schema;
  const copy = Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, closed(value)]));
  return copy['type'] === 'object' ? { ...copy, additionalProperties: false } : copy;
}

const ajv = new Ajv2020({ strict: false, allErrors: true });
const { schemas, headers: headersByName } = DOCUMENT.components;
const answers = Object.fromEntries(
  ['IntercomFlat', 'Message', 'Invalid'].map((name) => [name, closed(schemas[name as keyof typeof schemas])]),
);
ajv.addSchema({ ...DOCUMENT, components: { ...DOCUMENT.components, schemas: { ...schemas, ...answers } } }, 'openapi');

const schemaAt = (ref: string): ValidateFunction => ajv.getSchema(`openapi${ref}`) as ValidateFunction;

/** Whether the description says that a body is good. */
export const isGoodBody = (body: unknown, kind: 'Update' | 'Form' = 'Update'): boolean =>
  schemaAt(`#/components/schemas/IntercomFlat${kind}`)(body) as boolean;

/** What of an answer is other than described. */
export function contradictions({ status, headers, body }: Answered, operation: Operation = UPDATE): unknown[] {
  const described = (operation.responses as unknown as Readonly<Record<number, Described>>)[status];
  if (!described) return [`status ${status} is not described`];
  const found: unknown[] = [];
  const ofBody = described.content && schemaAt(described.content['application/json'].schema.$ref);
  if (ofBody ? !ofBody(body) : body !== undefined) found.push(ofBody?.errors ?? 'a body');
  if (headers.get('content-type') !== 'application/json') found.push(headers.get('content-type'));
  for (const [name, { $ref }] of Object.entries(described.headers)) {
    const header = headersByName[name as keyof typeof headersByName] as { readonly required?: boolean };
    const value = headers.get(name);
    if (value === null && header.required) found.push(`${name} is missing`);
    const ofHeader = schemaAt(`${$ref}/schema`);
    if (value !== null && !ofHeader(value)) found.push(name, ofHeader.errors);
  }
  const known = Object.keys(described.headers).map((it) => it.toLowerCase());
  found.push(...[...headers.keys()].filter((name) => !PLAIN.test(name) && !known.includes(name)));
  return found;
}
