import { giveWay } from '../../operations/give-way.ts';
import type { Store } from '../../store/store.ts';

/** The longest that a piece of work waits for other requests. */
export const MAX_PAUSE_MS = 200;

/** Runs one piece of work at a time, in the order of the calls. */
export type InTurn = <T>(work: () => T | Promise<T>) => Promise<T>;

/** Other requests are served between two pieces of work. */
export function createInTurn(): InTurn {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const result = last.then(() => giveWay(MAX_PAUSE_MS)).then(work);
    last = result.catch(() => {});
    return result;
  };
}

/**
 * The same store, whose pages are read one after the other, with pauses, so that a long answer does not block others.
 */
export function paced(store: Store): Store {
  const turn = createInTurn();
  return {
    ...store,
    listFlats: (...args) => turn(() => store.listFlats(...args)),
    listIntercoms: (...args) => turn(() => store.listIntercoms(...args)),
    listChanges: (...args) => turn(() => store.listChanges(...args)),
  };
}
