import DataLoader from 'dataloader';
import type { Change, ChangeSetSize } from '../../../domain/change.ts';
import type { Flat } from '../../../domain/flat.ts';
import type { Intercom } from '../../../domain/intercom.ts';
import type { LineStatistics } from '../../../domain/lines.ts';
import type { ThreadStore } from '../../../store/store.ts';

/** Statistics say how many flats were changed in this time. */
export const DAY_MS = 24 * 60 * 60 * 1_000;

type Loader<T, Id = number> = DataLoader<Id, T>;

/**
 * Loaders of relations, for one request: whatever its answer needs at one moment is read in one statement. Nothing is cached
 * after that: a document can hold several mutations, and each answers with its own result. A loader is made when it is first
 * used: most requests need none. This is a class, since getters in an object literal cost every request a hidden class of
 * its own.
 */
export class Loaders {
  readonly #store: ThreadStore;
  readonly #now: () => number;
  #flat: Loader<Flat | undefined> | undefined;
  #intercom: Loader<Intercom | undefined> | undefined;
  #keys: Loader<readonly string[]> | undefined;
  #users: Loader<readonly string[]> | undefined;
  #change: Loader<Change | undefined> | undefined;
  #hasKey: Loader<boolean, string> | undefined;
  #hasUser: Loader<boolean, string> | undefined;
  #flatCount: Loader<number> | undefined;
  #lineStatistics: Loader<LineStatistics | undefined> | undefined;
  #changeVersion: Loader<number | null> | undefined;
  #changeSetSize: Loader<ChangeSetSize | undefined> | undefined;

  /** `now` is in milliseconds since 1970. */
  constructor(store: ThreadStore, now: () => number) {
    this.#store = store;
    this.#now = now;
  }

  get flat() {
    this.#flat ??= loader<Flat | undefined>((ids) => this.#store.flatsById(ids), undefined);
    return this.#flat;
  }

  get intercom() {
    this.#intercom ??= loader<Intercom | undefined>((ids) => this.#store.intercomsById(ids), undefined);
    return this.#intercom;
  }

  get keys() {
    this.#keys ??= loader<readonly string[]>((ids) => this.#store.keysOf(ids), []);
    return this.#keys;
  }

  get users() {
    this.#users ??= loader<readonly string[]>((ids) => this.#store.usersOf(ids), []);
    return this.#users;
  }

  get change() {
    this.#change ??= loader<Change | undefined>((seqs) => this.#store.changesBySeq(seqs), undefined);
    return this.#change;
  }

  /** Whether a flat has a key with this code. */
  get hasKey() {
    this.#hasKey ??= new DataLoader(async (codes) => among(codes, await this.#store.linkedNames('keys', codes)), {
      cache: false,
    });
    return this.#hasKey;
  }

  /** Whether a flat has a user with this login. */
  get hasUser() {
    this.#hasUser ??= new DataLoader(async (logins) => among(logins, await this.#store.linkedNames('users', logins)), {
      cache: false,
    });
    return this.#hasUser;
  }

  get flatCount() {
    this.#flatCount ??= loader<number>((ids) => this.#store.flatCounts(ids), 0);
    return this.#flatCount;
  }

  /** With the flats that were changed in the last 24 hours. */
  get lineStatistics() {
    this.#lineStatistics ??= loader<LineStatistics | undefined>((ids) => {
      const until = this.#now();
      return this.#store.lineStatisticsOf(ids, until - DAY_MS, until);
    }, undefined);
    return this.#lineStatistics;
  }

  /** The version of a flat after a change of its lines, by the seq of the change. */
  get changeVersion() {
    this.#changeVersion ??= loader<number | null>((seqs) => this.#store.changeVersions(seqs), null);
    return this.#changeVersion;
  }

  get changeSetSize() {
    this.#changeSetSize ??= loader<ChangeSetSize | undefined>((ids) => this.#store.changeSetSizes(ids), undefined);
    return this.#changeSetSize;
  }
}

const among = (names: readonly string[], found: ReadonlySet<string>) => names.map((name) => found.has(name));

const loader = <T>(read: (ids: readonly number[]) => Promise<ReadonlyMap<number, T>>, otherwise: T): Loader<T> =>
  new DataLoader(
    async (ids) => {
      const found = await read(ids);
      return ids.map((id) => found.get(id) ?? otherwise);
    },
    { cache: false },
  );
