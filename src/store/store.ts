import type { Scope } from '../domain/caller.ts';
import type { Change, ChangeFilter, LogPosition, Origin } from '../domain/change.ts';
import type { Flat, Missing } from '../domain/flat.ts';
import type { FlatFilter, FlatPosition, FlatSort } from '../domain/flat-filter.ts';
import type { FlatRef } from '../domain/flat-ref.ts';
import type { IntercomOutcome } from '../domain/import-decision.ts';
import type { FlatRowError, Row } from '../domain/import-row.ts';
import type { Intercom, IntercomFilter, IntercomPosition, IntercomSort } from '../domain/intercom.ts';
import type { IntercomRef } from '../domain/intercom-ref.ts';
import type { LineStatistics } from '../domain/lines.ts';
import type { LinkChange } from '../domain/link-change.ts';
import type { NewIntercom } from '../domain/new-intercom.ts';
import type { Listed, Page } from '../domain/page.ts';
import type { FlatsInUse, Invalid, Refusal } from '../domain/refusal.ts';
import type { StorageProblem } from '../domain/storage-problem.ts';
import type { Token } from '../domain/token.ts';
import type { Update } from '../domain/update-flat.ts';
import type { IntercomAmendment } from '../domain/update-intercom.ts';
import type { Bell } from './bell.ts';

/** What the rules refused. Nothing was changed. */
export interface Refused<Refusal> {
  readonly kind: 'refused';
  readonly refusal: Refusal;
}

/** The outcome of an update. It is reported only once it is on disk. */
export type Outcome =
  | { readonly kind: 'kept'; readonly flat: Flat }
  | { readonly kind: 'written'; readonly flat: Flat; readonly change: Change }
  | Refused<Refusal>
  /** Nothing speaks against this update, but another one of the same atomic call was refused. */
  | { readonly kind: 'notApplied' };

/** What became of a row: of the flat that it made or met, or of its intercom when it brings no flat. */
export type RowOutcome =
  | { readonly kind: 'created'; readonly flatId: number; readonly intercom: IntercomOutcome }
  | {
      readonly kind: 'existing';
      readonly flatId: number;
      readonly intercom: IntercomOutcome;
      readonly linksChanged: boolean;
    }
  | { readonly kind: 'intercom'; readonly intercom: IntercomOutcome }
  | { readonly kind: 'refused'; readonly error: FlatRowError };

/** A step of a walk through flats: those that match among the ones it looked at, and where to go on, if there is more. */
export interface ScannedFlats {
  readonly flats: readonly Pick<Flat, 'id' | 'lines'>[];
  readonly next: number | undefined;
}

/** An intercom that was created, changed or deleted; reported only once that is on disk. */
export interface Provisioned {
  readonly kind: 'done';
  /** As it is then, or as it was when it was deleted. */
  readonly intercom: Intercom;
  readonly flatsAdded: number;
  readonly flatsRemoved: number;
}

/** What became of names to attach or detach: the flat as it is then, and how many of them were new to it, or gone. */
export interface Linked {
  readonly kind: 'done';
  readonly flat: Flat;
  readonly count: number;
}

/** Reading never waits for a writer. Each list is read by a position to go on from, so that a far page costs what the first does. */
export interface Reads {
  findFlat(ref: FlatRef): Promise<Flat | undefined>;
  findIntercom(ref: IntercomRef): Promise<Intercom | undefined>;

  listFlats(filter: FlatFilter, sort: FlatSort, page: Page<FlatPosition>): Promise<Listed<Flat>>;
  countFlats(filter: FlatFilter): Promise<number>;
  /**
   * A step of a walk through the flats that match: begins after 0, goes on after the `next` of the step before, and comes
   * by each flat once, whatever is updated meanwhile. It looks at no more than `looks` flats, so that it is short however
   * few of them match.
   */
  scanFlats(filter: FlatFilter, after: number, looks: number): Promise<ScannedFlats>;
  listIntercoms(filter: IntercomFilter, sort: IntercomSort, page: Page<IntercomPosition>): Promise<Listed<Intercom>>;
  countIntercoms(filter: IntercomFilter): Promise<number>;
  /**
   * Oldest first; the position of a change is its `seq`. Rejects with `ChangesPrunedError` when rows after `page.after` were
   * taken out, since a page that began with what is left would hide that.
   */
  listChanges(filter: ChangeFilter, page: Page<number>): Promise<Listed<Change>>;
  /** Counts those before a position, or all. */
  countChanges(filter: ChangeFilter, before?: number): Promise<number>;

  /** By record id; what does not exist is left out. */
  flatsById(ids: readonly number[]): Promise<ReadonlyMap<number, Flat>>;
  intercomsById(ids: readonly number[]): Promise<ReadonlyMap<number, Intercom>>;
  /** Key codes and user logins of flats, in alphabetical order; a flat without any is left out. */
  keysOf(flatIds: readonly number[]): Promise<ReadonlyMap<number, readonly string[]>>;
  usersOf(flatIds: readonly number[]): Promise<ReadonlyMap<number, readonly string[]>>;
  /** How many flats intercoms have; one without any is left out. */
  flatCounts(intercomIds: readonly number[]): Promise<ReadonlyMap<number, number>>;

  /**
   * Of one intercom, or of all; `changed` counts from `since` to `until`, both inclusive, in milliseconds since 1970: what
   * was set by a clock that was ahead is no change of today.
   */
  lineStatistics(intercomId: number | undefined, since: number, until: number): Promise<LineStatistics>;

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
  recordTokenUse(id: number): Promise<void>;
  /** Oldest first, those that were revoked too. */
  listTokens(): Promise<readonly Token[]>;
  /** Whether there is a live token. */
  hasToken(): Promise<boolean>;
  liveTokenIds(): Promise<ReadonlySet<number>>;
}

/** A commit that is on disk. */
export interface Commit {
  readonly edits: number;
  /** The whole transaction. */
  readonly seconds: number;
  /** The end of it: writing it down, and waiting for the disk. */
  readonly syncSeconds: number;
}

/** What opening a database did to it. */
export interface Opened {
  /** Whether it was made. */
  readonly isNew: boolean;
  /** The numbers of its schema before and after; equal when nothing was migrated, and `from` is 0 for a new one. */
  readonly migrated: { readonly from: number; readonly to: number };
  /** The file with the database as it was before it was migrated. */
  readonly copy: string | undefined;
}

/** How much room the storage takes and has, in bytes. */
export interface StorageUse {
  readonly database: number;
  /** The write-ahead log. */
  readonly wal: number;
  /** What is left on the disk; NaN where that is unknown. */
  readonly free: number;
}

/** Where flats live. */
export interface Store extends Reads, Tokens, AsyncDisposable {
  /**
   * The only way to change the lines of an existing flat. Each update is decided (`decideUpdate`) on the flat as it is
   * now; the state and the log row are committed together. A refused update does not stop the others, and one that
   * changes nothing writes nothing. With `atomic` one refusal refuses all, and nothing changes. Outcomes come in the
   * order of the updates.
   */
  amend(
    origin: Origin,
    updates: readonly Update[],
    options?: { readonly atomic: boolean },
  ): Promise<readonly Outcome[]>;

  /**
   * Brings intercoms, flats and their links into being, all of the rows in one commit. The lines of a flat that exists
   * stay as they are: those are for `amend`. An intercom whose range no row gives gets the one its flats span.
   * Outcomes come in the order of the rows.
   */
  importRows(rows: readonly Row[]): Promise<readonly RowOutcome[]>;

  /**
   * Every flat, and every intercom without flats, by intercom id and number, in batches: as rows that bring them back.
   * All of it as it is at one moment, whatever others write meanwhile.
   */
  exportRows(): AsyncIterable<readonly Row[]>;

  /** Makes an intercom and a flat for each number of its range. */
  addIntercom(intercom: NewIntercom): Promise<Provisioned | Refused<Invalid>>;

  /**
   * Changes or deletes an intercom, planned (`planIntercomAmendment`) on it as it is now. Numbers that are new to its range get a flat, and flats
   * outside of it go with their keys and users; while one of them still has any, nothing is changed unless that is forced.
   * The log keeps its rows.
   */
  amendIntercom(amendment: IntercomAmendment): Promise<Provisioned | Refused<Invalid | FlatsInUse>>;

  /** Attaches keys or users to a flat or detaches them; what is so already stays so. */
  changeLinks(change: LinkChange): Promise<Linked | Missing>;

  /**
   * Takes the oldest rows out of the log, up to `limit` of them in one commit, and none after the position `upTo`. The newest
   * row always stays: the time of the next is compared with its own. Returns how many were taken out.
   */
  prune(upTo: number, limit: number): Promise<number>;

  readonly opened: Opened;

  /**
   * What is wrong with the storage as a whole, so that no answer can be trusted: its file was moved, replaced, deleted or
   * cut short. `undefined` when all is well. It is checked before the answers of each commit, and once a second; writes
   * reject with a `StorageError` meanwhile.
   */
  lost(): string | undefined;

  /** Checks the files now, and returns what `lost` does. */
  checkFiles(): string | undefined;

  /** Like `lost`, and also that writes fail: the disk is full or fails, or the database can only be read. */
  problem(): string | undefined;

  /** How many edits wait for a commit now. */
  waitingEdits(): number;

  storageUse(): Promise<StorageUse>;

  /**
   * Tries whether a change could be stored: resolves with what speaks against it, for the operator, or with `undefined`. A
   * disk with no more room than `minFreeBytes` counts, and so do tables of another version of this program. What it finds is
   * reported once, like every other problem of the storage.
   */
  findStorageProblem(minFreeBytes: number): Promise<string | undefined>;
}

/** A fault of the storage, by which a write was not stored, may not be stored, or means nothing. */
export class StorageError extends Error {
  override readonly name = 'StorageError';
  readonly problem: StorageProblem;

  constructor(problem: StorageProblem, message: string, options?: ErrorOptions) {
    super(message, options);
    this.problem = problem;
  }
}

/** The log no longer has every change after the position that was asked for: it was pruned. */
export class ChangesPrunedError extends Error {
  override readonly name = 'ChangesPrunedError';
}

/** A database that this program cannot work with; the message says why and what to do. */
export class UnusableDatabaseError extends Error {
  override readonly name = 'UnusableDatabaseError';
}
