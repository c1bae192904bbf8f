import type { FlatRange } from './intercom.ts';
import type { Line, LinesPatch } from './lines.ts';

/** The longest texts that are stored, in characters (Unicode code points). */
export const MAX_TITLE = 200;
export const MAX_KEY_CODE = 64;
export const MAX_LOGIN = 100;

/** A row's columns about its intercom. */
interface OfIntercom {
  readonly intercomId: number;
  readonly intercomTitle?: string;
  readonly intercomExternalId?: string;
  readonly intercomRange?: FlatRange;
}

/** A flat as a file describes it. An absent value stays as it is, or gets its default in a new flat. */
export interface FlatRow extends OfIntercom {
  readonly flat: number;
  readonly flatId?: number;
  readonly lines: LinesPatch;
  /** Replaces the flat's keys. */
  readonly keys?: readonly string[];
  /** Replaces the flat's users. */
  readonly users?: readonly string[];
}

/** An intercom alone: one that has no flats has no other row. */
export interface IntercomRow extends OfIntercom {
  readonly flat?: undefined;
}

export type Row = FlatRow | IntercomRow;

/** The columns of a row, by the domain's names; a file has its own. */
export type FlatRowColumn =
  | 'intercomId'
  | 'flat'
  | 'flatId'
  | Line
  | 'keys'
  | 'users'
  | 'intercomTitle'
  | 'intercomExternalId'
  | 'intercomFlatFrom'
  | 'intercomFlatTo';

/** Why a row is refused. */
export type FlatRowReason =
  // The row cannot be read.
  | 'rowTooLong'
  | 'brokenQuote'
  | 'wrongCellCount'
  | 'noHeading'
  | 'damagedNumber'
  | 'textFormula'
  | 'notAnInteger'
  | 'notABoolean'
  | 'noNames'
  | 'tooLong'
  | 'controlCharacter'
  | 'invisibleCharacter'
  | 'notUtf8'
  | 'halfRange'
  | 'endsBeforeStart'
  // The row contradicts an earlier one.
  | 'duplicate'
  | 'otherTitle'
  | 'otherExternalId'
  | 'otherRange'
  | 'outsideRange'
  // The row contradicts what is stored.
  | 'otherFlatId'
  | 'flatIdTaken'
  | 'noIdLeft'
  | 'externalIdTaken'
  | 'flatsOutside'
  | 'gone';

export interface FlatRowError {
  /** Absent where the row as a whole is meant. */
  readonly column?: FlatRowColumn;
  readonly reason: FlatRowReason;
}

/** A row of a file, or what is wrong with it. */
export type ParsedRow =
  | { readonly line: number; readonly row: Row }
  | { readonly line: number; readonly errors: readonly FlatRowError[] };
