import type { LinesPatch } from './lines.ts';

/** The longest texts that are stored, in characters. */
export const MAX_TITLE = 200;
export const MAX_KEY_CODE = 64;
export const MAX_LOGIN = 100;

/** A flat as a file or a caller describes it. What is absent stays as it is, or gets its default in a new flat. */
export interface FlatRow {
  readonly intercomId: number;
  readonly intercomTitle?: string;
  readonly flat: number;
  readonly flatId?: number;
  readonly lines: LinesPatch;
  /** Replaces the flat's keys. */
  readonly keys?: readonly string[];
  /** Replaces the flat's users. */
  readonly users?: readonly string[];
}

export const FLAT_ROW_COLUMNS = {
  intercomId: 'intercom_id',
  intercomTitle: 'intercom_title',
  flat: 'flat',
  flatId: 'flat_id',
} as const;

/** Why a row that is well formed cannot be placed. */
export interface FlatRowError {
  readonly column: keyof typeof FLAT_ROW_COLUMNS;
  readonly reason: 'otherFlatId' | 'flatIdTaken' | 'duplicate' | 'otherTitle';
}
