import type { Lines } from './lines.ts';

/** The channels through which a change can come in. */
export const CHANNELS = ['GRAPHQL', 'REST', 'IMPORT', 'CLI'] as const;

export type Channel = (typeof CHANNELS)[number];

/** The actor of a change, and its channel. */
export interface Origin {
  readonly actor: string;
  readonly channel: Channel;
}

/** One row of the change log: a change of one flat's lines. */
export interface Change extends Origin {
  /** The position in the change log; it grows, and is never reused. */
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

/** An absent condition does not restrict; all given conditions must hold. */
export interface ChangeFilter {
  readonly intercomId?: number | undefined;
  readonly flatId?: number | undefined;
  readonly actor?: string | undefined;
  readonly channel?: Channel | undefined;
  /** Milliseconds since 1970; `from` is inclusive, `to` exclusive. */
  readonly from?: number | undefined;
  readonly to?: number | undefined;
}

/** A position in one change log. The epoch is the log's random id, so that a cursor of another log is recognized. */
export interface LogPosition {
  readonly epoch: string;
  /** The seq of the change at this position; 0 is the position before the first. */
  readonly seq: number;
}
