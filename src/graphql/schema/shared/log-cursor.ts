import { GraphQLError } from 'graphql';
import { type LogPosition, positionFromCursor } from '../../../domain/cursor.ts';
import { badInput } from './bad-input.ts';

/** The seq that a cursor of the log stands for. One of another log, or past the head of this one, is told as expired. */
export function seqFromCursor(head: LogPosition, cursor: string, name: string): number {
  const position = positionFromCursor(cursor);
  if (!position) throw badInput(`${name} is not a cursor of the log; send one that an answer gave.`);
  if (position.epoch === head.epoch && position.seq <= head.seq) return position.seq;
  throw new GraphQLError(
    `${name} belongs to another log, such as one from before a restore. ${READ_ANEW}`,
    CURSOR_EXPIRED,
  );
}

const CURSOR_EXPIRED = { extensions: { code: 'CURSOR_EXPIRED' } };
const READ_ANEW = 'Read what you follow anew, and go on from changesHead.';

/** Changes after the cursor are no longer in the log. `at` is where in the document it was told. */
export const cursorPruned = (at: Pick<GraphQLError, 'nodes' | 'path'> | undefined): GraphQLError =>
  new GraphQLError(`The log is not kept as far back as this cursor. ${READ_ANEW}`, {
    nodes: at?.nodes,
    path: at?.path,
    ...CURSOR_EXPIRED,
  });
