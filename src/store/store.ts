import type { Change, Origin } from '../domain/change.ts';
import type { LogPosition } from '../domain/cursor.ts';
import type { Flat, Found } from '../domain/flat.ts';
import type { FlatRef } from '../domain/flat-ref.ts';
import type { FlatRow, FlatRowError } from '../domain/flat-row.ts';
import type { Refusal } from '../domain/refusal.ts';
import type { Decision } from '../domain/update.ts';

/** One flat to look at under the write lock, and what to do with it. */
export interface Edit {
  readonly ref: FlatRef;
  /** Pure and synchronous: it may run under a lock, and it may run again. */
  readonly decide: (found: Found) => Decision;
}

/** What became of an edit. Nothing is told before it is on disk. */
export type Outcome =
  | { readonly kind: 'kept'; readonly flat: Flat }
  | { readonly kind: 'written'; readonly flat: Flat; readonly change: Change }
  | { readonly kind: 'refused'; readonly refusal: Refusal }
  /** Nothing speaks against this edit, but another one of the same atomic call was refused. */
  | { readonly kind: 'notApplied' };

/** What became of a row that brings a flat into being, or meets one that exists. */
export type Placement =
  | { readonly kind: 'created'; readonly flatId: number; readonly intercomCreated: boolean }
  | { readonly kind: 'existing'; readonly flatId: number; readonly detailsChanged: boolean }
  | { readonly kind: 'refused'; readonly error: FlatRowError };

/** Reading never waits for a writer. */
export interface Reads {
  findFlat(ref: FlatRef): Promise<Flat | undefined>;
  /** The log's random id, renewed when a backup is restored. */
  readonly epoch: LogPosition['epoch'];
}

/** Where flats live. */
export interface Store extends Reads, AsyncDisposable {
  /**
   * The only way to change the lines of an existing flat. Each edit is decided on the flat as it is now; the state and
   * the log row are committed together. A refused edit does not stop the others, and an edit that changes nothing
   * writes nothing. With `atomic` one refusal refuses all, and nothing changes. Outcomes come in the order of the edits.
   */
  amend(origin: Origin, edits: readonly Edit[], options?: { readonly atomic: boolean }): Promise<readonly Outcome[]>;

  /**
   * Brings intercoms, flats and their links into being, all of the rows in one commit. The lines of a flat that exists
   * stay as they are: those are for `amend`. Placements come in the order of the rows.
   */
  place(rows: readonly FlatRow[]): Promise<readonly Placement[]>;

  /** Writes a consistent copy of everything into a new file, while others go on reading and writing. */
  copyTo(file: string): Promise<void>;
}

/** A write that could not be stored for now, and changed nothing. Trying again later may help. */
export class StorageBusy extends Error {
  override readonly name = 'StorageBusy';
}

/** A database that this program cannot work with; the message says why and what to do. */
export class UnusableDatabase extends Error {
  override readonly name = 'UnusableDatabase';
}
