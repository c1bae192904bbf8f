// Apollo Server as its documentation has you write it for production: defaults, integrated with Fastify.
import { ApolloServer } from '@apollo/server';
import fastifyApollo, { fastifyApolloDrainPlugin } from '@as-integrations/fastify';
import Fastify from 'fastify';
import { epoch, updateInTransaction } from './database.js';
import { resolversOn, typeDefs } from './schema.js';

const app = Fastify();
const apollo = new ApolloServer({
  typeDefs,
  resolvers: resolversOn(updateInTransaction, epoch),
  plugins: [fastifyApolloDrainPlugin(app)],
});
await apollo.start();
await app.register(fastifyApollo(apollo));
const url = await app.listen({ port: 0, host: '127.0.0.1' });
process.stdout.write(`{"url":"${url}"}\n`);
