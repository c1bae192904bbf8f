import { REST_PATH } from './address.ts';
import { ANSWER_SCHEMAS, answer, EXAMPLE_ERRORS, EXAMPLE_FLAT, HEADERS } from './openapi-answers.ts';
import { BODY_SCHEMAS, refTo } from './openapi-body.ts';

const headerParameter = (name: string, description: string, example: string) => ({
  name,
  in: 'header',
  description,
  required: false,
  schema: { type: 'string' },
  example,
});
const queryParameter = (name: string, description: string, example: string) => ({
  name,
  in: 'query',
  description,
  required: false,
  schema: { anyOf: [refTo('WholeNumber'), refTo('Absent')] },
  example,
});

const LANGUAGE = headerParameter('Accept-Language', 'The language of the texts: `ru`, or else English.', 'ru');
const REQUEST_ID = headerParameter('X-Request-Id', 'Names the request in the log of the service.', 'billing-4711');

/** Answers that do not depend on the method. */
const REFUSALS = {
  400: answer('The request is malformed.', 'Message'),
  401: answer('The token is missing, unknown or revoked.', 'Message', ['WWW-Authenticate']),
  403: answer("The token's scope does not suffice, or only this machine is served.", 'Message', ['WWW-Authenticate']),
  404: answer('Another path.', 'Message'),
  408: answer('The request took too long to arrive.', 'Message'),
  417: answer('The request expects something that is not supported.', 'Message'),
  429: answer('Too many requests.', 'Message', ['Retry-After']),
  431: answer('The headers are too large.', 'Message'),
  500: answer('An internal error.', 'Message'),
};

const READ = {
  tags: ['Flats'],
  parameters: [
    queryParameter('flat_id', 'The record id of the flat. Not beside `flat`.', '1'),
    queryParameter('intercom_id', 'The id of the intercom. Beside `flat_id` the flat has to belong to it.', '1'),
    queryParameter('flat', 'The number of the flat, beside `intercom_id`. Not beside `flat_id`.', '10'),
    LANGUAGE,
    REQUEST_ID,
  ],
};

const READ_ANSWERS = {
  200: answer('The flat.', 'IntercomFlat', ['ETag', 'Cache-Control', 'X-Unknown-Keys'], EXAMPLE_FLAT),
  ...REFUSALS,
  422: answer(
    'The query names no flat, or one that does not exist.',
    'Invalid',
    ['Cache-Control', 'X-Unknown-Keys'],
    EXAMPLE_ERRORS,
  ),
  503: answer('The database is lost, or the service is overloaded or stops.', 'Message', ['Retry-After']),
};

/** The answers to `HEAD`, which have no body. */
const withoutBodies = (answers: Readonly<Record<string, ReturnType<typeof answer>>>) =>
  Object.fromEntries(
    Object.entries(answers).map(([status, { description, headers }]) => [status, { description, headers }]),
  );

const UPDATE_ANSWERS = {
  200: answer('The lines are set, or were so already.', 'IntercomFlat', ['ETag', 'X-Unknown-Keys'], EXAMPLE_FLAT),
  ...REFUSALS,
  405: answer('Another method.', 'Message', ['Allow']),
  412: answer(
    'The flat has another version than `If-Match` names, or `If-Match` names none that can match.',
    'Message',
    ['ETag', 'X-Unknown-Keys'],
  ),
  413: answer('The body is too large.', 'Message'),
  415: answer('The body is compressed, or multipart.', 'Message', ['Accept-Encoding']),
  422: answer('The rules refuse the input.', 'Invalid', ['X-Unknown-Keys'], EXAMPLE_ERRORS),
  503: answer(
    'The storage is busy, full, failing or lost, or the service stops; the message says which, and whether it was stored.',
    'Message',
    ['Retry-After'],
  ),
};

/** The REST route, as OpenAPI 3.1. */
export const openApiDocument = (version: string) => ({
  openapi: '3.1.1',
  info: {
    title: 'intercom-flats: the billing route',
    version,
    description:
      "The lines that ring in a flat, through the vendor's own route. Everything else is GraphQL's, at `/graphql`.",
    contact: { name: 'The operator of this service' },
    license: { name: 'All rights reserved' },
  },
  servers: [{ url: '/' }],
  tags: [{ name: 'Flats', description: 'Flats of intercoms, and the phone lines that ring in them.' }],
  // Networks that are trusted send no token.
  security: [{ token: [] }, {}],
  paths: {
    [REST_PATH]: {
      get: {
        ...READ,
        operationId: 'readIntercomFlat',
        summary: 'Reads a flat and its phone lines',
        description:
          'Takes the scope `read`. The flat is named by `flat_id`, or by `intercom_id` and `flat`, never by both. The answer is what an update answers; its `ETag` is good for the `If-Match` of one.',
        responses: READ_ANSWERS,
      },
      head: {
        ...READ,
        operationId: 'checkIntercomFlat',
        summary: 'Reads the version of a flat',
        description: 'As `GET`, without the body.',
        responses: withoutBodies(READ_ANSWERS),
      },
      patch: {
        tags: ['Flats'],
        operationId: 'updateIntercomFlat',
        summary: 'Sets the phone lines of a flat',
        description:
          'Takes the scope `write`. Stored when it is answered by 200; nothing is changed by any other answer. The same update sent again changes nothing. The body is read as JSON whatever its content type, save for a form.',
        parameters: [
          headerParameter('If-Match', 'Refuses the update unless the flat has one of these versions.', '"1"'),
          LANGUAGE,
          REQUEST_ID,
        ],
        requestBody: {
          required: true,
          content: {
            'application/json': {
              schema: refTo('IntercomFlatUpdate'),
              examples: {
                byNumber: { value: { intercom_id: 1, flat: 10, is_analog_line_available: false } },
                byRecordId: { value: { flat_id: 2, is_landline_sip_line_available: true } },
                asText: { value: { intercom_id: '1', flat: '10', is_smartphone_sip_line_available: '1' } },
              },
            },
            'application/x-www-form-urlencoded': {
              schema: refTo('IntercomFlatForm'),
              examples: {
                form: { value: { flat_id: '2', is_analog_line_available: '0' } },
                words: { value: { flat_id: '2', is_landline_sip_line_available: 'True' } },
              },
            },
          },
        },
        responses: UPDATE_ANSWERS,
      },
    },
  },
  components: {
    schemas: { ...BODY_SCHEMAS, ...ANSWER_SCHEMAS },
    headers: HEADERS,
    securitySchemes: {
      token: { type: 'http', scheme: 'bearer', description: 'A token of the scope that the operation takes.' },
    },
  },
});

/** The document as it is committed and served. */
export const printOpenApi = (version: string): string => `${JSON.stringify(openApiDocument(version), null, 2)}\n`;
