import { MAX_FLAT, MAX_ID } from '../domain/input.ts';
import { LINES } from '../domain/lines.ts';
import { restName, UPDATE_KEYS } from './body.ts';

const id = { type: 'integer', minimum: 1, maximum: MAX_ID };
const count = { type: 'integer', minimum: 0 };
const text = { type: 'string', minLength: 1 };
const allOf = (properties: Readonly<Record<string, object>>) => ({
  type: 'object',
  required: Object.keys(properties),
  properties,
});
const everyLine = <T>(value: T) => Object.fromEntries(LINES.map((line) => [restName(line), value]));

/** The bodies of answers, as JSON Schema. */
export const ANSWER_SCHEMAS = {
  IntercomFlat: allOf({
    id: { description: 'The record id: what `flat_id` names.', ...id },
    flat: { description: 'The number.', type: 'integer', minimum: 1, maximum: MAX_FLAT },
    key_count: { description: 'How many keys open for the flat.', ...count },
    users_count: { description: 'How many users live in the flat.', ...count },
    intercom_id: { description: 'The record id of the intercom.', ...id },
    properties: allOf(everyLine({ type: 'boolean' })),
  }),
  Message: allOf({ message: { description: 'The reason, as text.', ...text } }),
  Invalid: allOf({
    message: { description: 'The first error, and how many more there are.', ...text },
    errors: {
      description: 'All that is wrong, by its key; `body` stands for the body as a whole.',
      type: 'object',
      minProperties: 1,
      properties: Object.fromEntries(
        [...UPDATE_KEYS, 'body'].map((key) => [key, { type: 'array', minItems: 1, items: text }]),
      ),
    },
  }),
};

/** A percent-encoded key, or the sign of the empty one. */
const UNKNOWN_KEY = '(""|[\\w!\'()*.~%-]{1,64})';

export const HEADERS = {
  ETag: {
    description: "The flat's version. Send it back as `If-Match` to update only what nobody else has changed since.",
    required: true,
    schema: { type: 'string', pattern: '^"[1-9]\\d*"$' },
  },
  'Retry-After': {
    description: 'After how many seconds to try again.',
    required: true,
    schema: { type: 'string', pattern: '^[1-9]\\d*$' },
  },
  'WWW-Authenticate': {
    description: 'What the request lacks (RFC 6750).',
    schema: { type: 'string', pattern: '^Bearer realm="[^"]+"' },
  },
  'X-Content-Type-Options': {
    description: 'Browsers shall not guess what the answer is.',
    schema: { const: 'nosniff' },
  },
  'X-Request-Id': {
    description: 'Names the request in the log of the service: what was sent, or else an id of its own.',
    schema: text,
  },
  'X-Unknown-Keys': {
    description:
      'The first 10 keys that were ignored, each percent-encoded as UTF-8 and cut to 64 characters; `""` is the empty key.',
    schema: { type: 'string', pattern: `^${UNKNOWN_KEY}(, ${UNKNOWN_KEY}){0,9}$` },
  },
  'Cache-Control': { description: 'Copies are not to be kept.', required: true, schema: { const: 'no-store' } },
  RateLimit: { description: 'What is left of a limit of requests, where there is one.', schema: text },
  'RateLimit-Policy': { description: 'The limit, as in draft-ietf-httpapi-ratelimit-headers.', schema: text },
  'Accept-Encoding': { description: 'What the body may be encoded in: nothing.', schema: { const: 'identity' } },
  Allow: { description: 'The methods that are allowed.', required: true, schema: { const: 'GET, HEAD, PATCH' } },
};

export const EXAMPLE_FLAT = {
  id: 1,
  flat: 10,
  key_count: 2,
  users_count: 1,
  intercom_id: 1,
  properties: { ...everyLine(true), is_analog_line_available: false },
};
export const EXAMPLE_ERRORS = {
  message: 'Send either flat or flat_id, not both. (and 1 more error)',
  errors: {
    flat: ['Send either flat or flat_id, not both.'],
    flat_id: ['Send either flat_id or flat, not both.'],
  },
};

/** Headers that any answer may have. */
const EVERYWHERE: readonly (keyof typeof HEADERS)[] = [
  'X-Request-Id',
  'X-Content-Type-Options',
  'RateLimit',
  'RateLimit-Policy',
];

/** An answer with a JSON body of this schema. */
export const answer = (
  description: string,
  schema: keyof typeof ANSWER_SCHEMAS,
  headers: readonly (keyof typeof HEADERS)[] = [],
  example?: object,
) => ({
  description,
  headers: Object.fromEntries(
    [...headers, ...EVERYWHERE].map((name) => [name, { $ref: `#/components/headers/${name}` }]),
  ),
  content: {
    'application/json': { schema: { $ref: `#/components/schemas/${schema}` }, ...(example && { example }) },
  },
});
