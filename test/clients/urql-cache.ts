import { cacheExchange } from '@urql/exchange-graphcache';
import { relayPagination } from '@urql/exchange-graphcache/extras';

/** Objects without an `id` are part of what holds them. */
const isPart = () => null;

/** Every type without an `id`. */
export const KEYS = {
  IntercomFlatProperties: isPart,
  IntercomState: isPart,
  Caller: isPart,
  LineStatistics: isPart,
  LineStatistic: isPart,
  LinesStateCount: isPart,
  SilentIntercom: isPart,
  Service: isPart,
  ChangeActivity: isPart,
  ChangeConnection: isPart,
  ChangeEdge: isPart,
  ChangeSetConnection: isPart,
  ChangeSetEdge: isPart,
  IntercomConnection: isPart,
  IntercomEdge: isPart,
  IntercomFlatConnection: isPart,
  IntercomFlatEdge: isPart,
  PageInfo: isPart,
};

/** A cache for urql. It knows records by their `id`, so that queries have to ask for it. */
export const createUrqlCache = () =>
  cacheExchange({
    keys: KEYS,
    resolvers: {
      Query: {
        intercomFlats: relayPagination(),
        intercoms: relayPagination(),
        changes: relayPagination(),
        changeSets: relayPagination(),
      },
      Intercom: { flats: relayPagination() },
      IntercomFlat: { changes: relayPagination() },
    },
  });
