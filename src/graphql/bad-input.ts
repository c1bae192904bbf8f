import { GraphQLError } from 'graphql';

/** A query has no refusals to answer with, so an argument that cannot be read is an error. */
export const badInput = (message: string): GraphQLError =>
  new GraphQLError(message, { extensions: { code: 'BAD_USER_INPUT' } });
