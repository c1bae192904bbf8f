// Mercurius with the service's own group commit in place of a transaction for each update: what is left to compare is
// GraphQL over HTTP.
import Fastify from 'fastify';
import mercurius from 'mercurius';
import { serviceCommit } from '../service-commit.ts';
import { client, epoch, update, writeCounts } from './database.js';
import { resolversOn, typeDefs } from './schema.js';

const commits = serviceCommit(client, writeCounts);
const updateFlat = (input) => commits.write('all', 1, () => update('GRAPHQL', input));

const app = Fastify();
app.register(mercurius, { schema: typeDefs, resolvers: resolversOn(updateFlat, epoch) });
const url = await app.listen({ port: 0, host: '127.0.0.1' });
process.stdout.write(`{"url":"${url}"}\n`);
