import { MAX_FLAT, MAX_ID } from '../domain/input.ts';
import { LINES } from '../domain/lines.ts';
import { REST_PATH } from './address.ts';
import { restName } from './body.ts';
import { BODY_SCHEMAS } from './openapi-body.ts';

const KEYS = ['intercom_id', 'flat', 'flat_id', ...LINES.map((line) => restName(line))];

const id = { type: 'integer', minimum: 1, maximum: MAX_ID };
const count = { type: 'integer', minimum: 0 };
const text = { type: 'string', minLength: 1 };
const allOf = (properties: Readonly<Record<string, object>>) => ({
  type: 'object',
  required: Object.keys(properties),
  properties,
});
const everyLine = <T>(value: T) => Object.fromEntries(LINES.map((line) => [restName(line), value]));

const ANSWER_SCHEMAS = {
  IntercomFlat: allOf({
    id: { description: 'The record id.', ...id },
    flat: { description: 'The number.', type: 'integer', minimum: 1, maximum: MAX_FLAT },
    key_count: { description: 'How many keys open for the flat.', ...count },
    users_count: { description: 'How many users live in the flat.', ...count },
    intercom_id: id,
    properties: allOf(everyLine({ type: 'boolean' })),
  }),
  Message: allOf({ message: { description: 'The reason, as text.', ...text } }),
  Invalid: allOf({
    message: { description: 'The first error, and how many more there are.', ...text },
    errors: {
      description: 'All that is wrong, by the key of the body; `body` stands for the body as a whole.',
      type: 'object',
      minProperties: 1,
      properties: Object.fromEntries(
        [...KEYS, 'body'].map((key) => [key, { type: 'array', minItems: 1, items: text }]),
      ),
    },
  }),
};

const HEADERS = {
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
  RateLimit: { description: 'What is left of a limit of requests, where there is one.', schema: text },
  'RateLimit-Policy': { description: 'The limit, as in draft-ietf-httpapi-ratelimit-headers.', schema: text },
  'Accept-Encoding': { description: 'What the body may be encoded in: nothing.', schema: { const: 'identity' } },
  Allow: { description: 'The method that is allowed.', required: true, schema: { const: 'PATCH' } },
};

const EXAMPLE_FLAT = {
  id: 1,
  flat: 10,
  key_count: 2,
  users_count: 1,
  intercom_id: 1,
  properties: { ...everyLine(true), is_analog_line_available: false },
};
const EXAMPLE_ERRORS = {
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
const answer = (
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

const UPDATE = { $ref: '#/components/schemas/IntercomFlatUpdate' };
const headerParameter = (name: string, description: string, example: string) => ({
  name,
  in: 'header',
  description,
  required: false,
  schema: { type: 'string' },
  example,
});

/** The REST route, as OpenAPI 3.1. */
export const openApiDocument = () => ({
  openapi: '3.1.1',
  info: {
    title: 'intercom-flats: the billing route',
    version: '1.0.0',
    description:
      "The lines that ring in a flat, through the vendor's own route. Everything else is GraphQL's, at `/graphql`.",
  },
  servers: [{ url: '/' }],
  // Networks that are trusted send no token.
  security: [{ token: [] }, {}],
  paths: {
    [REST_PATH]: {
      patch: {
        operationId: 'updateIntercomFlat',
        summary: 'Sets the phone lines of a flat',
        description:
          'Stored when it is answered by 200; nothing is changed by any other answer. The same update sent again changes nothing. The body is read as JSON whatever its content type, save for a form.',
        parameters: [
          headerParameter('If-Match', 'Refuses the update unless the flat has one of these versions.', '"1"'),
          headerParameter('Accept-Language', 'The language of the texts: `ru`, or else English.', 'ru'),
          headerParameter('X-Request-Id', 'Names the request in the log of the service.', 'billing-4711'),
        ],
        requestBody: {
          required: true,
          content: {
            'application/json': {
              schema: UPDATE,
              examples: {
                byNumber: { value: { intercom_id: 1, flat: 10, is_analog_line_available: false } },
                byRecordId: { value: { flat_id: 2, is_landline_sip_line_available: true } },
                asText: { value: { intercom_id: '1', flat: '10', is_smartphone_sip_line_available: '1' } },
              },
            },
            'application/x-www-form-urlencoded': {
              schema: UPDATE,
              examples: { form: { value: { flat_id: '2', is_analog_line_available: '0' } } },
            },
          },
        },
        responses: {
          200: answer('The lines are set, or were so already.', 'IntercomFlat', ['ETag'], EXAMPLE_FLAT),
          400: answer('The request is malformed.', 'Message'),
          401: answer('The token is missing, unknown or revoked.', 'Message', ['WWW-Authenticate']),
          403: answer("The token's scope does not suffice, or only this machine is served.", 'Message', [
            'WWW-Authenticate',
          ]),
          404: answer('Another path.', 'Message'),
          405: answer('Another method.', 'Message', ['Allow']),
          408: answer('The request took too long to arrive.', 'Message'),
          412: answer(
            'The flat has another version than `If-Match` names, or `If-Match` names none that can match.',
            'Message',
            ['ETag'],
          ),
          413: answer('The body is too large.', 'Message'),
          415: answer('The body is compressed, or multipart.', 'Message', ['Accept-Encoding']),
          417: answer('The request expects something that is not supported.', 'Message'),
          422: answer('The rules refuse the input.', 'Invalid', [], EXAMPLE_ERRORS),
          429: answer('Too many requests.', 'Message', ['Retry-After']),
          431: answer('The headers are too large.', 'Message'),
          500: answer('An internal error.', 'Message'),
          503: answer(
            'The storage is busy, full, failing or lost, or the service stops; the message says which, and whether it was stored.',
            'Message',
            ['Retry-After'],
          ),
        },
      },
    },
  },
  components: {
    schemas: { ...BODY_SCHEMAS, ...ANSWER_SCHEMAS },
    headers: HEADERS,
    securitySchemes: {
      token: { type: 'http', scheme: 'bearer', description: 'A token of scope `write`.' },
    },
  },
});
