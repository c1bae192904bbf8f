/** A place in one log. The epoch is the log's own random id, so that a cursor of another log is known as foreign. */
export interface LogPosition {
  readonly epoch: string;
  /** The seq of the change at this place; 0 is the place before the first. */
  readonly seq: number;
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
