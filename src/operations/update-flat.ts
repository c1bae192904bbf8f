import type { Origin } from '../domain/change.ts';
import { decideUpdate, parseUpdate, type UpdateInput } from '../domain/update.ts';
import type { Outcome, Store } from '../store/store.ts';

/** Sets the lines of one flat: the shape is judged first, and what exists only when the shape is good. */
export async function updateFlat(store: Store, origin: Origin, input: UpdateInput): Promise<Outcome> {
  const update = parseUpdate(input);
  if ('kind' in update) return { kind: 'refused', refusal: update };
  const [outcome] = await store.amend(origin, [{ ref: update.ref, decide: (found) => decideUpdate(update, found) }]);
  return outcome as Outcome;
}
