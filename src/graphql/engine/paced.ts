import { giveWay } from '../../operations/give-way.ts';
import type { Store } from '../../store/store.ts';

/** How long a page waits for others at the most, in milliseconds. */
export const LONGEST_PAUSE = 200;

/** The same store, whose pages are read one after the other, with pauses: a long answer holds nobody up. */
export function paced(store: Store): Store {
  let last: Promise<unknown> = Promise.resolve();
  const inTurn =
    <Args extends readonly unknown[], T>(read: (...args: Args) => Promise<T>) =>
    async (...args: Args): Promise<T> => {
      last = last.then(() => giveWay(LONGEST_PAUSE));
      await last;
      return read(...args);
    };
  return {
    ...store,
    listFlats: inTurn(store.listFlats),
    listIntercoms: inTurn(store.listIntercoms),
    listChanges: inTurn(store.listChanges),
  };
}
