import type { Scope } from '../domain/caller.ts';
import type {
  Change,
  ChangeFilter,
  ChangeSetFilter,
  ChangeSetSize,
  FlatOfSet,
  LinesChange,
  LogPosition,
  Origin,
} from '../domain/change.ts';
import type { Flat, Missing } from '../domain/flat.ts';
import type { FlatFilter, FlatPosition, FlatSort } from '../domain/flat-filter.ts';
import type { FlatRef } from '../domain/flat-ref.ts';
import type { RowOutcome } from '../domain/import-decision.ts';
import type { Row } from '../domain/import-row.ts';
import type { Intercom, IntercomFilter, IntercomPosition, IntercomSort } from '../domain/intercom.ts';
import type { IntercomRef } from '../domain/intercom-ref.ts';
import type { LineStatistics } from '../domain/lines.ts';
import type { Link, LinkChange } from '../domain/link-change.ts';
import type { NewIntercom } from '../domain/new-intercom.ts';
import type { Counted, Listed, Page } from '../domain/page.ts';
import type { FlatsInUse, Invalid, Refusal } from '../domain/refusal.ts';
import type { StorageProblem } from '../domain/storage-problem.ts';
import type { Token } from '../domain/token.ts';
import type { Update } from '../domain/update-flat.ts';
import type { IntercomAmendment } from '../domain/update-intercom.ts';
import type { Bell } from './bell.ts';

/** A refusal by the rules. Nothing was changed. */
export interface Refused<Refusal> {
  readonly kind: 'refused';
  readonly refusal: Refusal;
}

/** The outcome of an update. It is reported only once it is on disk. */
export type Outcome =
  | { readonly kind: 'kept'; readonly flat: Flat }
  | { readonly kind: 'written'; readonly flat: Flat; readonly change: LinesChange }
  | Refused<Refusal>
  /** The update is valid, but another one of the same atomic call was refused. */
  | { readonly kind: 'notApplied' };

/** The outcomes of rows, and the change set of what they changed, if anything. */
export interface ImportOutcome {
  readonly outcomes: readonly RowOutcome[];
  readonly changeSet: number | undefined;
}

/** A step of a scan of a change set: its flats, how many changes of it are of other kinds, and where to continue, if there are more. */
export interface ScannedSet {
  readonly flats: readonly FlatOfSet[];
  readonly others: number;
  readonly next: number | undefined;
}

/** A step of a scan: the matching flats among those scanned, and where to continue, if there are more. */
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

/** The outcome of attaching or detaching names: the flat afterwards, and how many links were added or removed. */
export interface Linked {
  readonly kind: 'done';
  readonly flat: Flat;
  readonly count: number;
}

/** An intercom with flats in which no line is available. */
export interface SilentIntercom {
  readonly intercomId: number;
  readonly silentFlats: number;
}

/** Reading never waits for a writer. Lists continue from a position, so that a far page costs what the first does. */
export interface Reads {
  findFlat(ref: FlatRef): Promise<Flat | undefined>;
  findIntercom(ref: IntercomRef): Promise<Intercom | undefined>;

  listFlats(filter: FlatFilter, sort: FlatSort, page: Page<FlatPosition>): Promise<Listed<Flat>>;
  /** Exact where a counter has it, and up to `MAX_COUNT`. */
  countFlats(filter: FlatFilter): Promise<Counted>;
  /**
   * A step of a scan for matching flats: begins after 0, continues after the `next` of the step before, and meets each flat
   * once, whatever is updated meanwhile. It scans no more than `budget` flats, so it is short however few match.
   */
  scanFlats(filter: FlatFilter, after: number, budget: number): Promise<ScannedFlats>;
  listIntercoms(filter: IntercomFilter, sort: IntercomSort, page: Page<IntercomPosition>): Promise<Listed<Intercom>>;
  countIntercoms(filter: IntercomFilter): Promise<Counted>;
  /**
   * Oldest first; the position of a change is its `seq`. Rows of all kinds are in one order. Rejects with `ChangesPrunedError` when rows after `page.after` were
   * pruned, since a page of the remaining rows would hide that.
   */
  listChanges(filter: ChangeFilter, page: Page<number>): Promise<Listed<Change>>;
  /** Counts those before a position, or all; no further than to `atMost`, where it is given. */
  countChanges(filter: ChangeFilter, before?: number, atMost?: number): Promise<number>;
  /**
   * The first change of each change set, oldest first; its `seq` is the id of the set, and its position. A set is one call, however
   * many commits it took. One whose first change was pruned is no longer there.
   */
  listChangeSets(filter: ChangeSetFilter, page: Page<number>): Promise<Listed<Change>>;
  countChangeSets(filter: ChangeSetFilter): Promise<Counted>;
  /**
   * A step of a scan of what a set did to lines, in the order of the log: begins after 0, continues after the `next` of the step
   * before, reads up to `budget` changes, and meets each flat once. Rejects with `ChangesPrunedError` when changes of it were pruned.
   */
  scanChangeSet(changeSet: number, after: number, budget: number): Promise<ScannedSet>;

  /** By record id; what does not exist is left out. */
  flatsById(ids: readonly number[]): Promise<ReadonlyMap<number, Flat>>;
  intercomsById(ids: readonly number[]): Promise<ReadonlyMap<number, Intercom>>;
  /** Key codes and user logins of flats, in alphabetical order; a flat without any is left out. */
  keysOf(flatIds: readonly number[]): Promise<ReadonlyMap<number, readonly string[]>>;
  usersOf(flatIds: readonly number[]): Promise<ReadonlyMap<number, readonly string[]>>;
  /** By seq; what was pruned or never existed is left out. */
  changesBySeq(seqs: readonly number[]): Promise<ReadonlyMap<number, Change>>;
  /** Key codes or user logins that begin with this, in alphabetical order; those that no flat has are left out. */
  namesFrom(link: Link, prefix: string, limit: number): Promise<readonly string[]>;
  /** The version of the flat after each of these changes of lines; one whose flat is deleted is left out. */
  changeVersions(seqs: readonly number[]): Promise<ReadonlyMap<number, number>>;
  /** By the ids of change sets; one that is pruned, or never existed, is left out. */
  changeSetSizes(changeSets: readonly number[]): Promise<ReadonlyMap<number, ChangeSetSize>>;
  /** How many flats a change set changed, created or linked, up to `MAX_COUNT`. */
  countFlatsOfSet(changeSet: number): Promise<Counted>;
  /** Which of these key codes or user logins a flat has. */
  linkedNames(link: Link, names: readonly string[]): Promise<ReadonlySet<string>>;
  /** The greatest record id that a flat has ever had; 0 before the first. A new flat gets the next one. */
  lastFlatId(): Promise<number>;
  /** How many flats intercoms have; one without any is left out. */
  flatCounts(intercomIds: readonly number[]): Promise<ReadonlyMap<number, number>>;

  /**
   * Of one intercom, or of all; `changed` counts from `since` to `until`, both inclusive, in milliseconds since 1970:
   * changes of a clock that was ahead do not count as today's.
   */
  lineStatistics(intercomId: number | undefined, since: number, until: number): Promise<LineStatistics>;
  /** The same of each of these intercoms; one that does not exist has no flats. */
  lineStatisticsOf(
    intercomIds: readonly number[],
    since: number,
    until: number,
  ): Promise<ReadonlyMap<number, LineStatistics>>;
  /** The intercoms with the most flats in which no line is available, the most first and then by id. */
  silentIntercoms(limit: number): Promise<readonly SilentIntercom[]>;

  /** The change log's random id, renewed when a backup is restored. */
  readonly epoch: LogPosition['epoch'];
  /** The seq of the newest change, ever; 0 before the first. */
  changesHead(): Promise<number>;
  /** Rings when the change log may have grown. */
  readonly bell: Bell;
}

/**
 * The tokens that identify callers. Changes by another process are seen within some milliseconds. A token is live until it is revoked:
 * whether it has expired is asked of the token itself, so that no clock is read here, and the end of the last one opens nothing.
 */
export interface TokenReads {
  /** The live token with this SHA-256, compared in constant time. */
  findToken(hash: Buffer): Promise<Token | undefined>;
  /** Oldest first, including revoked ones. */
  listTokens(): Promise<readonly Token[]>;
  /** Whether there is a live token. */
  hasToken(): Promise<boolean>;
  liveTokenIds(): Promise<ReadonlySet<number>>;
}

export interface TokenWrites {
  /**
   * Stores a new token by its SHA-256; false when a live one has the name. One that has expired gives its name away, and is
   * listed as revoked from then on.
   */
  addToken(name: string, scope: Scope, hash: Buffer, expiresAt: number | null): Promise<boolean>;
  /** False when no live token has the name. */
  revokeToken(name: string): Promise<boolean>;
  /** Sets a token's last use to now. */
  recordTokenUse(id: number): Promise<void>;
}

export interface AmendOptions {
  readonly atomic?: boolean;
  /** The change set of an earlier call that this one goes on with. */
  readonly changeSet?: number | undefined;
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
  /** Whether it was created. */
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

/** How this process uses the server of its database, and what that says of itself. */
export interface ServerUse {
  /** Connections for reads, and how many reads wait for one. */
  readonly connections: Readonly<Record<'open' | 'busy' | 'waiting', number>>;
  /** The number of the server's history; each promotion of a standby begins another. */
  readonly timeline: number;
  /** The standbys that are connected, and those of them for which commits wait. */
  readonly standbys: Readonly<Record<'all' | 'synchronous', number>>;
  /** How many bytes of the log the last of them has not replayed; NaN where it cannot be seen. */
  readonly replayLag: number;
}

/**
 * Every change of what is stored. A write resolves once it is on disk, and so are its rows of the change log, which are committed together
 * with what they say.
 */
export interface Writes extends TokenWrites {
  /**
   * The only way to change the lines of an existing flat. Each update is decided (`decideUpdate`) on the flat as it is
   * now; the state and the log row are committed together. A refused update does not stop the others, and one that
   * changes nothing writes nothing. With `atomic` one refusal refuses all, nothing changes, and all of it is one commit; otherwise a
   * call of many updates may take several commits, between which others write, and is answered as a whole. Outcomes come in the
   * order of the updates. What it changes is one change set, or joins the one of an earlier call.
   */
  amend(origin: Origin, updates: readonly Update[], options?: AmendOptions): Promise<readonly Outcome[]>;

  /**
   * Imports intercoms, flats and their links, all of the rows in one commit. The lines of an existing flat stay as they are:
   * only `amend` changes them. An intercom whose range no row gives gets the one its flats span. Outcomes come in the order
   * of the rows. The change log gets one row for a flat that is created, with its keys and users; for one that exists, one for its keys
   * attached, and so on; and one for an intercom in each call. They are one change set, or join the one of an earlier call.
   */
  importRows(origin: Origin, rows: readonly Row[], changeSet?: number): Promise<ImportOutcome>;

  /**
   * Makes an intercom and a flat for each number of its range. Thousands of flats may take several commits, between which others
   * write; nobody sees any of them before the last one. One row of the change log is about all of them, committed with that.
   */
  addIntercom(origin: Origin, intercom: NewIntercom): Promise<Provisioned | Refused<Invalid>>;

  /**
   * Changes or deletes an intercom, planned (`planIntercomAmendment`) on it as it is now. Numbers that are new to its range
   * get a flat, and flats outside of it are deleted with their keys and users; while one of them still has any, nothing is
   * changed without `force`. The change log gets one row, unless nothing changed, and keeps those it has. As with `addIntercom`, all of
   * it is seen at once.
   */
  amendIntercom(origin: Origin, amendment: IntercomAmendment): Promise<Provisioned | Refused<Invalid | FlatsInUse>>;

  /** Attaches keys or users to a flat or detaches them; links that exist already, or are gone already, are skipped. */
  changeLinks(origin: Origin, change: LinkChange): Promise<Linked | Missing>;

  /**
   * Deletes the oldest rows of the change log, up to `limit` of them in one commit, and none after the position `upTo`. The
   * newest row always stays: the time of the next one is compared with it. Returns how many were deleted.
   */
  prune(upTo: number, limit: number): Promise<number>;
}

/** The part of a store that every thread of a service has. */
export interface ThreadStore extends Omit<Reads, 'bell'>, TokenReads, Writes {}

/** Where flats live. */
export interface Store extends Reads, TokenReads, Writes, AsyncDisposable {
  /**
   * Every flat, and every intercom without flats, by intercom id and number, in batches: as rows that an import restores.
   * All of one moment, whatever is written meanwhile.
   */
  exportRows(): AsyncIterable<readonly Row[]>;

  readonly opened: Opened;

  /**
   * The problem of the storage as a whole that makes every answer untrustworthy: its file was moved, replaced, deleted or
   * cut short. `undefined` when there is none. It is checked before the answers of each commit, and once a second; writes
   * reject with a `StorageError` meanwhile.
   */
  lost(): string | undefined;

  /** Checks the files now, and returns what `lost` does. */
  checkFiles(): Promise<string | undefined>;

  /** Like `lost`, and also that writes fail: the disk is full or fails, or the database can only be read. */
  problem(): string | undefined;

  /** How many edits wait for a commit now. */
  waitingEdits(): Promise<number>;

  storageUse(): Promise<StorageUse>;

  /** Of a database that has a server. */
  readonly serverUse?: () => Promise<ServerUse>;

  /**
   * Checks whether a change could be stored: resolves with the problem, as text for the operator, or with `undefined`. A
   * disk with no more room than `minFreeBytes` is a problem, and so are tables of another version of this program. Each
   * problem is reported once.
   */
  findStorageProblem(minFreeBytes: number): Promise<string | undefined>;
}

/** A storage fault: a write was not stored, may not be stored, or cannot be trusted. */
export class StorageError extends Error {
  override readonly name = 'StorageError';
  readonly problem: StorageProblem;

  constructor(problem: StorageProblem, message: string, options?: ErrorOptions) {
    super(message, options);
    this.problem = problem;
  }
}

/** The change log no longer holds every change after the requested position: it was pruned. */
export class ChangesPrunedError extends Error {
  override readonly name = 'ChangesPrunedError';
}

/** A database that this program cannot work with; the message says why and what to do. */
export class UnusableDatabaseError extends Error {
  override readonly name = 'UnusableDatabaseError';
}
