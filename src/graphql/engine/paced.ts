import type { Store } from '../../store/store.ts';
import { inTurn } from './in-turn.ts';

/** The same store, whose pages are read one after the other, with pauses: a long answer holds nobody up. */
export function paced(store: Store): Store {
  const turn = inTurn();
  return {
    ...store,
    listFlats: (...args) => turn(() => store.listFlats(...args)),
    listIntercoms: (...args) => turn(() => store.listIntercoms(...args)),
    listChanges: (...args) => turn(() => store.listChanges(...args)),
  };
}
