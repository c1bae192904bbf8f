/** A place in one log. The epoch is the log's own random id, so that a cursor of another log is known as foreign. */
export interface LogPosition {
  readonly epoch: string;
  readonly seq: number;
}

/** Opaque to callers: they keep it and hand it back. */
export const cursorFromPosition = ({ epoch, seq }: LogPosition): string =>
  btoa(`${epoch}.${seq}`).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
