import type { Lines } from './lines.ts';

/** The ways by which a change can come in. */
export const CHANNELS = ['GRAPHQL', 'REST', 'IMPORT', 'CLI'] as const;

export type Channel = (typeof CHANNELS)[number];

/** Who changes something, and by which way. */
export interface Origin {
  readonly actor: string;
  readonly channel: Channel;
}

/** One row of the log: a change of one flat's lines. */
export interface Change extends Origin {
  /** The position in the log; grows, and is never used twice. */
  readonly seq: number;
  /** Milliseconds since 1970. */
  readonly changedAt: number;
  readonly reason: string | null;
  readonly flatId: number;
  readonly intercomId: number;
  readonly flat: number;
  readonly before: Lines;
  readonly after: Lines;
}

/** What is absent does not restrict; what is given must all hold. */
export interface ChangeFilter {
  readonly intercomId?: number | undefined;
  readonly flatId?: number | undefined;
  readonly actor?: string | undefined;
  readonly channel?: Channel | undefined;
  /** Milliseconds since 1970; `from` is inclusive, `to` exclusive. */
  readonly from?: number | undefined;
  readonly to?: number | undefined;
}

/** A position in one log. The epoch is the log's own random id, so that a cursor of another log is known as foreign. */
export interface LogPosition {
  readonly epoch: string;
  /** The seq of the change at this position; 0 is the position before the first. */
  readonly seq: number;
}
