import { GraphQLError } from 'graphql';
import type { LogPosition } from '../../../domain/change.ts';
import { badInput } from './arguments.ts';
import { formatPosition, parsePosition } from './log-position.ts';

/** Turns positions of one list, in one sort, into cursors and back. */
interface ListCursors<Position> {
  /** Opaque to callers: they keep it and hand it back. */
  readonly cursor: (position: Position) => string;
  /** Throws for what is not a cursor of this list, naming the argument. */
  readonly position: (cursor: string, name: string) => Position;
}

/** `example` has the types of the two keys of a position. */
export function createListCursors<Position extends readonly [string | number, number]>(
  list: string,
  example: Position,
): ListCursors<Position> {
  const isPosition = (position: readonly unknown[]): position is Position =>
    position.length === 2 &&
    position.every((it, i) => typeof it === typeof example[i] && (typeof it === 'string' || Number.isSafeInteger(it)));
  return {
    cursor: (position) => Buffer.from(JSON.stringify([list, ...position])).toString('base64url'),
    position(cursor, name) {
      try {
        const [from, ...position] = JSON.parse(Buffer.from(cursor, 'base64url').toString());
        if (from === list && isPosition(position)) return position;
      } catch {
        // What does not parse is refused like what does not fit.
      }
      throw badInput(`${name} is not a cursor of this list and sort order.`);
    },
  };
}

/** Opaque to callers: they keep it and hand it back. */
export const formatCursor = (position: LogPosition): string =>
  btoa(formatPosition(position)).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');

/** The position of a cursor; `undefined` for what is not a cursor. */
function parseCursor(cursor: string): LogPosition | undefined {
  if (!/^[\w-]+$/.test(cursor)) return undefined;
  try {
    return parsePosition(atob(cursor.replaceAll('-', '+').replaceAll('_', '/')));
  } catch {
    return undefined;
  }
}

/** The seq of a cursor of the change log. One of another log, or past the head of this one, is refused as expired. */
export function parseLogCursor(head: LogPosition, cursor: string, name: string): number {
  const position = parseCursor(cursor);
  if (!position) throw badInput(`${name} is not a cursor of the log; send one that an answer gave.`);
  if (position.epoch === head.epoch && position.seq <= head.seq) return position.seq;
  throw new GraphQLError(
    `${name} belongs to another log, such as one from before a restore. ${READ_ANEW}`,
    CURSOR_EXPIRED,
  );
}

const CURSOR_EXPIRED = { extensions: { code: 'CURSOR_EXPIRED' } };
const READ_ANEW = 'Read what you follow anew, and go on from changesHead.';

/** Changes after the cursor are no longer in the log. `at` is where in the document it was asked for. */
export const cursorPruned = (at: Pick<GraphQLError, 'nodes' | 'path'> | undefined): GraphQLError =>
  new GraphQLError(`The log is not kept as far back as this cursor. ${READ_ANEW}`, {
    nodes: at?.nodes,
    path: at?.path,
    ...CURSOR_EXPIRED,
  });
