import type { Line } from './lines.ts';

/** How many flats have which line, of one intercom or of all. */
export interface LineStatistics {
  readonly flats: number;
  /** Flats whose lines were changed since the moment asked for; a new flat is no change. */
  readonly changed: number;
  /** Flats in which the line is available. */
  readonly available: Readonly<Record<Line, number>>;
}
