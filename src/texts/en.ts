import { MIN_TITLE_SEARCH } from '../domain/intercom.ts';
import { type Catalogue, isLine, isList } from './catalogue.ts';

export const en: Catalogue = {
  field: {
    REQUIRED: ({ field, name, other }) =>
      isLine(field)
        ? `Send at least one line to set, such as ${name}.`
        : other
          ? `Send ${name} or ${other}.`
          : `${name} is required.`,
    MUTUALLY_EXCLUSIVE: ({ name, other }) => `Send either ${name} or ${other}, not both.`,
    INVALID_INTEGER: ({ name }) => `${name} must be a whole number, 1 or more.`,
    WRONG_ID_TYPE: ({ field, name }) =>
      `${name} is the id of another type of record: send the id of ${field === 'intercomId' ? 'an intercom' : field === 'changeSet' ? 'a change set' : 'a flat'}.`,
    INVALID_BOOLEAN: ({ name }) => `${name} must be true or false.`,
    NOT_FOUND: ({ field, name }) =>
      field === 'flat' ? `The intercom has no flat with this number (${name}).` : `Nothing exists with this ${name}.`,
    WRONG_INTERCOM: ({ name }) => `The flat named by ${name} belongs to another intercom.`,
    TOO_LONG: ({ name, maxLength }) => `${name} is too long: at most ${maxLength} characters.`,
    TOO_SHORT: ({ name }) => `${name} must have at least ${MIN_TITLE_SEARCH} characters.`,
    INVALID_TEXT: ({ field, name }) =>
      isList(field)
        ? `${name} must not be empty, and must not hold control or invisible characters, U+FFFD or semicolons.`
        : `${name} must not be empty, and must not hold control characters or U+FFFD.`,
    INVALID_RANGE: ({ field, name, other }) =>
      field === 'flatFrom' ? `${name} must not be greater than ${other}.` : `${name} must not be less than ${other}.`,
    TOO_MANY: ({ field, name, maxCount }) =>
      isList(field)
        ? `${name} has too many entries: at most ${maxCount}.`
        : `${name} makes the range too large: at most ${maxCount} flats.`,
    TAKEN: ({ name }) => `Another intercom already has this ${name}.`,
    EMPTY_CONDITION: ({ name }) => `${name} must not be null or empty: leave it out instead.`,
    NOT_NARROWED: ({ name }) =>
      `${name} only has conditions on lines, which select flats of every building. Add an intercom, numbers, a title, a key, a login or a time, or send all: true.`,
    EXCEEDED: ({ name }) => `More flats would be changed than ${name} allows, so nothing was changed.`,
    PRUNED: ({ name }) =>
      `The change log does not have all changes of this ${name} any more, so they cannot be taken back: they were pruned.`,
    NO_ID_LEFT: ({ name }) =>
      `No record id is left for the records that ${name} would create: the greatest one is in use.`,
  },
  andMore: (count) => `(and ${count} more ${count === 1 ? 'error' : 'errors'})`,
  versionConflict: 'The flat was changed by another caller: its version is not the expected one.',
  notApplied: 'Not applied, since another update of this call was refused.',
  flatsInUse: (count) =>
    `Flats that would be deleted still have keys or users: ${count}. Send force: true to delete them anyway.`,
  tooManyUpdates: (max) => `Too many updates in one call: at most ${max}. Nothing was changed.`,
  tooManyIds: (max) => `Too many ids in one call: at most ${max}.`,
  invalidJson: 'The body is not valid JSON.',
  notAnObject: 'The body must be a JSON object.',
  unknownPath: 'Unknown path.',
  consoleNotBuilt: 'The console could not be built; the log of the service says why.',
  wrongMethod: (allowed) => `This method is not allowed here; allowed: ${allowed}.`,
  bodyTooLarge: (maxBytes) => `The body is too large: at most ${maxBytes} bytes.`,
  wrongContentType: 'A POST must have the content type application/json.',
  wrongCharset: 'The body must be encoded in UTF-8: send charset=utf-8, or no charset at all.',
  bodyNotUtf8: 'The body is not valid UTF-8.',
  notAcceptable:
    'No media type in the Accept header is supported: accept application/json, application/graphql-response+json or text/event-stream.',
  streamNotAcceptable:
    'A subscription is answered as a stream: send the header Accept: text/event-stream, or multipart/mixed;subscriptionSpec=1.0.',
  unreadableRequest: 'The request cannot be read: its variables or extensions are not valid JSON.',
  storage: {
    busy: 'The storage is busy, so nothing was stored; try again shortly.',
    full: 'The disk of the service is full, so nothing was stored; the operator has to free some space.',
    readOnly: 'The database is read-only now, so nothing was stored; the operator has to check it.',
    outcomeUnknown:
      'The disk failed during the commit, so it is unknown whether this was stored; read the present state, or send it again.',
    lost: 'The database was moved, replaced, deleted or damaged while the service is running, so nothing can be read or stored; the operator has to check it.',
  },
  tokenMissing: 'A token is required: send it as "Authorization: Bearer TOKEN".',
  tokenInvalid: 'The token is not valid.',
  csvExpected: 'Send a CSV file as the body, with Content-Type: text/csv.',
  importRunning: 'Another import is running. Try again when it is over.',
  tokenExpired: 'The token has expired: ask for another one.',
  scopeTooNarrow: (needed) => `A token of this scope is required: ${needed}.`,
  wrongScheme: 'The scheme of the Authorization header must be Bearer: send "Authorization: Bearer TOKEN".',
  noTokenYet:
    'No token is valid: the database of this service has none. Create one: npm run token -- create NAME --scope write',
  notLocalHttp10:
    'While there is no token, only requests from this machine are served, and an HTTP/1.0 request counts as forwarded by a proxy. Send HTTP/1.1, or create a token: npm run token -- create NAME --scope admin',
  wrongOrigin:
    'Pages of this origin may not open a WebSocket here; the operator allows an origin by naming it in CORS_ORIGINS.',
  badHandshake: (protocol) =>
    `This is not the handshake of a WebSocket (RFC 6455, version 13) with the header Sec-WebSocket-Protocol: ${protocol}.`,
  missingHost: 'The request has no Host header.',
  severalHosts: 'The request has more than one Host header.',
  unknownExpectation: 'The Expect header asks for something that is not supported; 100-continue is.',
  wrongEncoding: 'The body has a Content-Encoding: send it uncompressed, without one.',
  multipart: 'A multipart body cannot be read: send JSON, or a form as application/x-www-form-urlencoded.',
  unusableIfMatch:
    'If-Match has no version that can match: send a strong ETag in quotation marks, as in an answer, like "3".',
  notLocal:
    'While there is no token, only requests from this machine are served: to localhost, and not through a proxy. Create a token: npm run token -- create NAME --scope admin',
  tooManyConnections: 'Too many connections are open; try again shortly.',
  overloaded: 'The service is overloaded by other requests, so nothing was done; try again shortly.',
  tooManyStreams: 'Too many open subscriptions of this caller; end one of them first.',
  tooManyRequests: (perMinute, seconds) =>
    `Too many requests: at most ${perMinute} a minute. Try again in ${seconds} s.`,
  internal: 'Internal error.',
};
