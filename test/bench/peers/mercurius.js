// Mercurius as its documentation has you write it, on the latest Fastify: defaults throughout, so the JIT is off.
import Fastify from 'fastify';
import mercurius from 'mercurius';
import { epoch, updateInTransaction } from './database.js';
import { resolversOn, typeDefs } from './schema.js';

const app = Fastify();
app.register(mercurius, { schema: typeDefs, resolvers: resolversOn(updateInTransaction, epoch) });
const url = await app.listen({ port: 0, host: '127.0.0.1' });
process.stdout.write(`{"url":"${url}"}\n`);
