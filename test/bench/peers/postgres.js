// Mercurius as its documentation has you write it, on PostgreSQL: a pool of its own, and one transaction for each update.
import Fastify from 'fastify';
import mercurius from 'mercurius';
import { openPool, updateInTransaction } from '../postgres/raw-update.ts';
import { resolversOn, typeDefs } from './schema.js';

const pool = openPool(process.argv[2]);
const [{ epoch }] = (await pool.query('select epoch from database_state')).rows;

const app = Fastify();
app.register(mercurius, {
  schema: typeDefs,
  resolvers: resolversOn((input) => updateInTransaction(pool, 'GRAPHQL', input), epoch),
});
const url = await app.listen({ port: 0, host: '127.0.0.1' });
process.stdout.write(`{"url":"${url}"}\n`);
