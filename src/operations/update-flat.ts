import type { Origin } from '../domain/change.ts';
import type { Invalid } from '../domain/refusal.ts';
import { parseUpdate, type Update, type UpdateInput } from '../domain/update-flat.ts';
import type { Outcome, Store } from '../store/store.ts';

/** An update on its own is never held back by another one. */
type OwnOutcome = Exclude<Outcome, { kind: 'notApplied' }>;

/**
 * Sets the lines of one flat: the one operation behind both doors. The shape is judged first, and what exists only where
 * the shape is good.
 */
export async function updateFlat(store: Store, origin: Origin, input: UpdateInput): Promise<OwnOutcome> {
  const update = parseUpdate(input);
  if (isInvalid(update)) return { kind: 'refused', refusal: update };
  const [outcome] = await store.amend(origin, [update]);
  return outcome as OwnOutcome;
}

export const isInvalid = (it: Update | Invalid): it is Invalid => 'kind' in it;
