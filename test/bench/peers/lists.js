// A page of flats as the load asks for it, on Mercurius with its own loaders: batched per request, as its documentation has
// you write relations.
import Fastify from 'fastify';
import mercurius from 'mercurius';

const typeDefs = `
  type Query {
    intercomFlats(filter: IntercomFlatFilter, first: Int): IntercomFlatConnection!
  }
  input IntercomFlatFilter {
    flat: Int
  }
  type IntercomFlatConnection {
    edges: [IntercomFlatEdge!]!
    pageInfo: PageInfo!
  }
  type IntercomFlatEdge {
    cursor: String!
    node: IntercomFlat!
  }
  type PageInfo {
    hasNextPage: Boolean!
    endCursor: String
  }
  type IntercomFlat {
    id: ID!
    flat: Int!
    intercomId: ID!
    keyCount: Int!
    usersCount: Int!
    version: Int!
    properties: IntercomFlatProperties!
    intercom: Intercom!
  }
  type IntercomFlatProperties {
    isSmartphoneSipLineAvailable: Boolean!
    isLandlineSipLineAvailable: Boolean!
    isAnalogLineAvailable: Boolean!
  }
  type Intercom {
    id: ID!
    title: String!
  }
`;

const inIds = (find) => async (queries, idOf) => {
  const rows = new Map((await find(queries.map(({ obj }) => idOf(obj)))).map((row) => [row.id, row]));
  return queries.map(({ obj }) => rows.get(idOf(obj)));
};

/**
 * Serves a database by four reads, each of which gives rows or a promise of them: a page by the number of a flat, and by ids the
 * intercoms, and how many keys and users flats have.
 */
export async function serveLists(reads) {
  const intercoms = inIds(reads.intercoms);
  const keyCounts = inIds(reads.keyCounts);
  const usersCounts = inIds(reads.usersCounts);
  const resolvers = {
    Query: {
      intercomFlats: async (_, { filter, first }) => {
        const rows = await reads.page(filter.flat, first + 1);
        const edges = rows.slice(0, first).map((row) => ({
          cursor: Buffer.from(JSON.stringify([row.intercom_id, row.flat])).toString('base64url'),
          node: {
            id: row.id,
            flat: row.flat,
            intercomId: row.intercom_id,
            version: row.version,
            properties: {
              isSmartphoneSipLineAvailable: row.smartphone_sip === 1,
              isLandlineSipLineAvailable: row.landline_sip === 1,
              isAnalogLineAvailable: row.analog === 1,
            },
          },
        }));
        return { edges, pageInfo: { hasNextPage: rows.length > first, endCursor: edges.at(-1)?.cursor } };
      },
    },
  };
  const loaders = {
    IntercomFlat: {
      intercom: (queries) => intercoms(queries, (it) => it.intercomId),
      keyCount: async (queries) => (await keyCounts(queries, (it) => it.id)).map((it) => it?.n ?? 0),
      usersCount: async (queries) => (await usersCounts(queries, (it) => it.id)).map((it) => it?.n ?? 0),
    },
  };
  const app = Fastify();
  app.register(mercurius, { schema: typeDefs, resolvers, loaders });
  const url = await app.listen({ port: 0, host: '127.0.0.1' });
  process.stdout.write(`{"url":"${url}"}\n`);
}
