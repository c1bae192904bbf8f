import { GraphQLError } from 'graphql';

/** A query has no refusals to answer with, so an argument that cannot be read is an error. */
export function badInput(message: string): GraphQLError {
  // Nobody reads where such an error was created, and to write that down takes ten times as long as the rest of it.
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    return new GraphQLError(message, { extensions: { code: 'BAD_USER_INPUT' } });
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}
