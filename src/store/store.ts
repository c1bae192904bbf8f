import type { Scope } from '../domain/caller.ts';
import type { Change, ChangeFilter, Origin } from '../domain/change.ts';
import type { LogPosition } from '../domain/cursor.ts';
import type { Flat, Found } from '../domain/flat.ts';
import type { FlatFilter, FlatPlace, FlatSort } from '../domain/flat-list.ts';
import type { FlatRef } from '../domain/flat-ref.ts';
import type { FlatRow, FlatRowError } from '../domain/flat-row.ts';
import type { Intercom, IntercomFilter, IntercomPlace, IntercomSort } from '../domain/intercom.ts';
import type { Listed, Page } from '../domain/page.ts';
import type { Refusal } from '../domain/refusal.ts';
import type { LineStatistics } from '../domain/statistics.ts';
import type { Token } from '../domain/token.ts';
import type { Decision } from '../domain/update.ts';
import type { Bell } from './bell.ts';

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

/** Reading never waits for a writer. Each list is read by a place to go on from, so that a far page costs what the first does. */
export interface Reads {
  findFlat(ref: FlatRef): Promise<Flat | undefined>;

  listFlats(filter: FlatFilter, sort: FlatSort, page: Page<FlatPlace>): Promise<Listed<Flat>>;
  countFlats(filter: FlatFilter): Promise<number>;
  listIntercoms(filter: IntercomFilter, sort: IntercomSort, page: Page<IntercomPlace>): Promise<Listed<Intercom>>;
  countIntercoms(filter: IntercomFilter): Promise<number>;
  /** Oldest first; the place of a change is its `seq`. */
  listChanges(filter: ChangeFilter, page: Page<number>): Promise<Listed<Change>>;
  countChanges(filter: ChangeFilter): Promise<number>;

  /** By record id; what does not exist is left out. */
  flatsById(ids: readonly number[]): Promise<ReadonlyMap<number, Flat>>;
  intercomsById(ids: readonly number[]): Promise<ReadonlyMap<number, Intercom>>;
  /** Key codes and user logins of flats, in alphabetical order; a flat without any is left out. */
  keysOf(flatIds: readonly number[]): Promise<ReadonlyMap<number, readonly string[]>>;
  usersOf(flatIds: readonly number[]): Promise<ReadonlyMap<number, readonly string[]>>;
  /** How many flats intercoms have; one without any is left out. */
  flatCounts(intercomIds: readonly number[]): Promise<ReadonlyMap<number, number>>;

  /** Of one intercom, or of all; `changed` counts from `since`, in milliseconds since 1970. */
  lineStatistics(intercomId: number | undefined, since: number): Promise<LineStatistics>;

  /** The log's random id, renewed when a backup is restored. */
  readonly epoch: LogPosition['epoch'];
  /** The seq of the newest change, ever; 0 before the first. */
  changesHead(): Promise<number>;
  /** Rings when the log may have grown. */
  readonly bell: Bell;
}

/** The tokens by which callers are known. What another process does to them is seen within some milliseconds. */
export interface Tokens {
  /** Stores a new token by its SHA-256; false when a live one has the name. */
  addToken(name: string, scope: Scope, hash: Buffer): Promise<boolean>;
  /** False when no live token has the name. */
  revokeToken(name: string): Promise<boolean>;
  /** The live token with this SHA-256, compared in constant time. */
  findToken(hash: Buffer): Promise<Token | undefined>;
  /** Sets a token's last use to now. */
  noteTokenUse(id: number): Promise<void>;
  /** Oldest first, those that were revoked too. */
  listTokens(): Promise<readonly Token[]>;
  /** Whether there is a live token. */
  hasToken(): Promise<boolean>;
  liveTokenIds(): Promise<ReadonlySet<number>>;
}

/** Where flats live. */
export interface Store extends Reads, Tokens, AsyncDisposable {
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
