import DataLoader from 'dataloader';
import type { Flat } from '../domain/flat.ts';
import type { Intercom } from '../domain/intercom.ts';
import type { Store } from '../store/store.ts';

/**
 * What relations are read by: whatever one answer needs of a relation at one moment is read in one go. Nothing is kept
 * after that: a document can hold several mutations, and each answers with what it left.
 */
export interface Loaders {
  readonly flat: DataLoader<number, Flat | undefined>;
  readonly intercom: DataLoader<number, Intercom | undefined>;
  readonly keys: DataLoader<number, readonly string[]>;
  readonly users: DataLoader<number, readonly string[]>;
  readonly flatCount: DataLoader<number, number>;
}

/** Loaders for one request. Each is made when it is first used: most requests need none. */
export function loadersOf(store: Store): Loaders {
  const once = <T, R>(read: (ids: readonly number[]) => Promise<ReadonlyMap<number, T>>, otherwise: R) => {
    let loader: DataLoader<number, T | R> | undefined;
    return () => {
      loader ??= new DataLoader(
        async (ids) => {
          const found = await read(ids);
          return ids.map((id) => found.get(id) ?? otherwise);
        },
        { cache: false },
      );
      return loader;
    };
  };
  const flat = once((ids) => store.flatsById(ids), undefined);
  const intercom = once((ids) => store.intercomsById(ids), undefined);
  const keys = once((ids) => store.keysOf(ids), [] as readonly string[]);
  const users = once((ids) => store.usersOf(ids), [] as readonly string[]);
  const flatCount = once((ids) => store.flatCounts(ids), 0);
  return {
    get flat() {
      return flat();
    },
    get intercom() {
      return intercom();
    },
    get keys() {
      return keys();
    },
    get users() {
      return users();
    },
    get flatCount() {
      return flatCount();
    },
  };
}
