import { GraphQLError } from 'graphql';
import type { LogPosition } from '../../../domain/change.ts';
import { badInput } from './arguments.ts';

/** Turns places of one list, in one sort, into cursors and back. */
interface ListCursors<Place> {
  /** Opaque to callers: they keep it and hand it back. */
  readonly cursor: (place: Place) => string;
  /** Another list's cursor, or none at all, is bad input in the argument of this name. */
  readonly place: (cursor: string, name: string) => Place;
}

/** `example` shows the types of the two keys that make a place. */
export function listCursors<Place extends readonly [string | number, number]>(
  list: string,
  example: Place,
): ListCursors<Place> {
  const isPlace = (place: readonly unknown[]): place is Place =>
    place.length === 2 &&
    place.every((it, i) => typeof it === typeof example[i] && (typeof it === 'string' || Number.isSafeInteger(it)));
  return {
    cursor: (place) => Buffer.from(JSON.stringify([list, ...place])).toString('base64url'),
    place(cursor, name) {
      try {
        const [from, ...place] = JSON.parse(Buffer.from(cursor, 'base64url').toString());
        if (from === list && isPlace(place)) return place;
      } catch {
        // What does not parse is told like what does not fit.
      }
      throw badInput(`${name} is no cursor of this list in this sort; send one that an answer of this very list gave.`);
    },
  };
}

/** Opaque to callers: they keep it and hand it back. */
export const cursorFromPosition = ({ epoch, seq }: LogPosition): string =>
  btoa(`${epoch}.${seq}`).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');

/** The place that a cursor stands for; `undefined` when it is no cursor at all. */
export function positionFromCursor(cursor: string): LogPosition | undefined {
  if (!/^[\w-]+$/.test(cursor)) return undefined;
  try {
    const text = atob(cursor.replaceAll('-', '+').replaceAll('_', '/'));
    const [, epoch, seq] = /^([0-9a-f]+)\.(0|[1-9]\d{0,15})$/.exec(text) ?? [];
    return epoch && seq && Number.isSafeInteger(Number(seq)) ? { epoch, seq: Number(seq) } : undefined;
  } catch {
    return undefined;
  }
}

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
