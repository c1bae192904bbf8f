import DataLoader from 'dataloader';
import type { Flat } from '../../../domain/flat.ts';
import type { Intercom } from '../../../domain/intercom.ts';
import type { ThreadStore } from '../../../store/store.ts';

type Loader<T> = DataLoader<number, T>;

/**
 * Loaders of relations, for one request: whatever its answer needs at one moment is read in one statement. Nothing is cached
 * after that: a document can hold several mutations, and each answers with its own result. A loader is made when it is first
 * used: most requests need none. This is a class, since getters in an object literal cost every request a hidden class of
 * its own.
 */
export class Loaders {
  readonly #store: ThreadStore;
  #flat: Loader<Flat | undefined> | undefined;
  #intercom: Loader<Intercom | undefined> | undefined;
  #keys: Loader<readonly string[]> | undefined;
  #users: Loader<readonly string[]> | undefined;
  #flatCount: Loader<number> | undefined;

  constructor(store: ThreadStore) {
    this.#store = store;
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

  get flatCount() {
    this.#flatCount ??= loader<number>((ids) => this.#store.flatCounts(ids), 0);
    return this.#flatCount;
  }
}

const loader = <T>(read: (ids: readonly number[]) => Promise<ReadonlyMap<number, T>>, otherwise: T): Loader<T> =>
  new DataLoader(
    async (ids) => {
      const found = await read(ids);
      return ids.map((id) => found.get(id) ?? otherwise);
    },
    { cache: false },
  );
