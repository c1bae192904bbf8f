// What heavy callers send to GraphQL.
import { BULK, placeOf } from '../database.ts';
import { isLandlineAt, OLD_ACTOR } from './database.ts';

/** The next body of a caller; it sees the end of the answer to its last one. */
export type NextBody = (lastAnswer: string) => string;

const FLAT = 'id flat intercomId version updatedAt properties { isAnalogLineAvailable isLandlineSipLineAvailable }';
const ALL_TEXTS = `${FLAT} intercom { title externalId } keys { code } users { login }`;

/** How many bulk calls a caller makes before it comes back to its first flats. */
const BULKS_OF_CALLER = 10;

/** Updates of flats of the caller's own, of another line than single updates set: each is a real write. */
function bulkUpdates(caller: number, atomic: boolean): NextBody {
  const query = `mutation ($updates: [UpdateIntercomFlatInput!]!) { updateIntercomFlats(atomic: ${atomic}, updates: $updates) {
    __typename ... on UpdateIntercomFlatSuccess { intercomFlat { id version } } } }`;
  const bodies = [false, true].flatMap((isBack) =>
    Array.from({ length: BULKS_OF_CALLER }, (_, bulk) => {
      const first = 1 + (caller * BULKS_OF_CALLER + bulk) * BULK;
      const updates = Array.from({ length: BULK }, (_, i) => ({
        ...placeOf(first + i),
        isLandlineSipLineAvailable: isLandlineAt(first + i) === isBack,
      }));
      return JSON.stringify({ query, variables: { updates } });
    }),
  );
  return inTurn(bodies);
}

function inTurn(bodies: readonly string[]): NextBody {
  let sent = 0;
  return () => bodies[sent++ % bodies.length] as string;
}

const always = (query: string): NextBody => inTurn([JSON.stringify({ query })]);

const list = (filter: string, sort: string, counted = false): NextBody =>
  always(`{ intercomFlats(first: 100, filter: { ${filter} }, sort: ${sort}) {
    ${counted ? 'totalCount' : ''} edges { cursor node { ${FLAT} } } pageInfo { endCursor } } }`);

/** Walks through all flats, page by page. */
function pages(): NextBody {
  const query = `query ($after: String) { intercomFlats(first: 500, after: $after) {
    edges { cursor node { ${ALL_TEXTS} } } pageInfo { endCursor } } }`;
  return (lastAnswer) => {
    const [, after = null] = /"endCursor":"([^"]+)"/.exec(lastAnswer) ?? [];
    return JSON.stringify({ query, variables: { after } });
  };
}

function createAndDelete(): NextBody {
  const externalId = `beside-${process.pid}`;
  const create = `mutation { createIntercom(input: { title: "Beside", externalId: "${externalId}", flatFrom: 1, flatTo: 10000 }) {
    __typename ... on ValidationError { message } } }`;
  const remove = `mutation { deleteIntercom(input: { externalId: "${externalId}" }) { __typename ... on ValidationError { message } } }`;
  return inTurn([create, remove].map((query) => JSON.stringify({ query })));
}

const changesByActor = always(`{ changes(last: 100, filter: { actor: "${OLD_ACTOR}" }) { totalCount edges { node {
  changedAt actor channel reason
  ... on LinesChange { flat before { isAnalogLineAvailable } after { isAnalogLineAvailable } } } } } }`);

/** By name; a caller has a number, so that no two of them update the same flats. */
export const CALLS = {
  bulk: (caller) => bulkUpdates(caller, false),
  atomic: (caller) => bulkUpdates(caller, true),
  title: () => list('intercomTitle: "house 1"', 'UPDATED_AT_DESC'),
  numbers: () => list('flatFrom: 5, flatTo: 95', 'UPDATED_AT_DESC', true),
  login: () => list('userLoginPrefix: "a"', 'INTERCOM_AND_FLAT_ASC', true),
  key: () => list('keyCode: "ALL"', 'UPDATED_AT_DESC'),
  changed: () => list('changedSince: "1970-01-01T00:00:00.001Z"', 'INTERCOM_AND_FLAT_ASC'),
  changes: () => changesByActor,
  statistics: () => always('{ lineStatistics { flats changedLastDay lines { line available unavailable } } }'),
  pages,
  create: createAndDelete,
  keyAndUser: () => list('keyCode: "HALF", userLogin: "half"', 'UPDATED_AT_DESC', true),
  keyAndPrefix: () => list('keyCode: "HALF", userLogin: "half", userLoginPrefix: "half"', 'UPDATED_AT_ASC', true),
  numbersOfNone: () => list('flatFrom: 900, changedSince: "1970-01-01T00:00:00.001Z"', 'INTERCOM_AND_FLAT_DESC', true),
  linesAndKey: () => list('isAnalogLineAvailable: false, keyCode: "HALF"', 'UPDATED_AT_DESC', true),
} satisfies Record<string, (caller: number) => NextBody>;

export type CallName = keyof typeof CALLS;
