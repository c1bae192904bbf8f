import { type FieldMergeFunction, InMemoryCache, type StoreObject } from '@apollo/client/cache';
import { relayStylePagination } from '@apollo/client/utilities';

/** Entries of a list that always has the same ones in the same order, each with the fields of both. */
const mergeEntries: FieldMergeFunction<readonly StoreObject[]> = (existing, incoming, { mergeObjects }) =>
  incoming.map((it, index) => mergeObjects(existing?.[index] ?? {}, it));

/** The types of each interface, which the cache cannot know by itself. */
export const POSSIBLE_TYPES = {
  Change: ['FlatCreation', 'IntercomChange', 'LinesChange', 'LinksChange'],
  FlatChange: ['FlatCreation', 'LinesChange', 'LinksChange'],
  Node: [
    'ChangeSet',
    'FlatCreation',
    'Intercom',
    'IntercomChange',
    'IntercomFlat',
    'Key',
    'LinesChange',
    'LinksChange',
    'User',
  ],
  UserError: ['FlatsInUse', 'NotApplied', 'ValidationError', 'VersionConflict'],
};

/**
 * A cache for Apollo Client. It knows records by their `id`, so that queries should ask for it. Objects without one are part of
 * what holds them: without `merge` the fields of one query would replace those of another.
 */
export const createApolloCache = () =>
  new InMemoryCache({
    possibleTypes: POSSIBLE_TYPES,
    typePolicies: {
      Query: {
        fields: {
          intercomFlats: relayStylePagination(['filter', 'sort']),
          intercoms: relayStylePagination(['filter', 'sort']),
          changes: relayStylePagination(['filter', 'kinds']),
          changeSets: relayStylePagination(['filter']),
        },
      },
      Intercom: { fields: { flats: relayStylePagination(['sort']) } },
      IntercomFlat: { fields: { changes: relayStylePagination(['kinds']) } },

      IntercomFlatProperties: { merge: true },
      LineStatistics: { merge: true, fields: { lines: { merge: mergeEntries } } },
    },
  });
