// Mercurius with its own loaders (batched per request, as its documentation has you write relations), on the same file.
import Fastify from 'fastify';
import mercurius from 'mercurius';
import { client } from './database.js';

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

const page = client.prepare(
  `select id, flat, intercom_id, version, smartphone_sip, landline_sip, analog
   from flats where flat = ? order by intercom_id limit ?`,
);
const inIds = (sql) => {
  const statement = client.prepare(sql);
  return (ids) => new Map(statement.all(JSON.stringify(ids)).map((row) => [row.id, row]));
};
const intercoms = inIds('select id, title from intercoms where id in (select value from json_each(?))');
const keyCounts = inIds(
  'select flat_id id, count(*) n from keys where flat_id in (select value from json_each(?)) group by flat_id',
);
const usersCounts = inIds(
  'select flat_id id, count(*) n from flat_users where flat_id in (select value from json_each(?)) group by flat_id',
);

const resolvers = {
  Query: {
    intercomFlats: (_, { filter, first }) => {
      const rows = page.all(filter.flat, first + 1);
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
    intercom: async (queries) => {
      const found = intercoms(queries.map(({ obj }) => obj.intercomId));
      return queries.map(({ obj }) => found.get(obj.intercomId));
    },
    keyCount: async (queries) => {
      const found = keyCounts(queries.map(({ obj }) => obj.id));
      return queries.map(({ obj }) => found.get(obj.id)?.n ?? 0);
    },
    usersCount: async (queries) => {
      const found = usersCounts(queries.map(({ obj }) => obj.id));
      return queries.map(({ obj }) => found.get(obj.id)?.n ?? 0);
    },
  },
};

const app = Fastify();
app.register(mercurius, { schema: typeDefs, resolvers, loaders });
const url = await app.listen({ port: 0, host: '127.0.0.1' });
process.stdout.write(`{"url":"${url}"}\n`);
