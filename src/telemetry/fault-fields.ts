/** The most causes of causes that are logged. */
const MAX_CAUSES = 3;

/**
 * The fields of a fault in the log: what it is and where it came from, without its other properties. Errors of GraphQL carry
 * documents and variables, those of drizzle bound values, also in their message.
 */
export function faultFields(fault: unknown, depth = 0): object {
  if (!(fault instanceof Error)) return { type: typeof fault };
  const carriesValues = 'params' in fault;
  const code = 'code' in fault ? fault.code : undefined;
  return {
    type: fault.constructor.name,
    message: carriesValues ? 'a query failed' : fault.message,
    ...(typeof code === 'string' || typeof code === 'number' ? { code } : {}),
    stack: carriesValues ? framesOf(fault) : fault.stack,
    ...(fault.cause !== undefined && depth < MAX_CAUSES ? { cause: faultFields(fault.cause, depth + 1) } : {}),
  };
}

const framesOf = ({ stack = '' }: Error): string =>
  stack
    .split('\n')
    .filter((it) => /^ {4}at /.test(it))
    .join('\n');
