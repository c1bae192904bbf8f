import type { Origin } from '../domain/change.ts';
import type { UpdateInput } from '../domain/update.ts';
import type { Outcome, Store } from '../store/store.ts';
import { updateFlats } from './update-flats.ts';

/** An update on its own is never held back by another one. */
type OwnOutcome = Exclude<Outcome, { kind: 'notApplied' }>;

/** Sets the lines of one flat: the one operation behind both doors. */
export async function updateFlat(store: Store, origin: Origin, input: UpdateInput): Promise<OwnOutcome> {
  const [outcome] = await updateFlats(store, origin, [input], { atomic: false });
  return outcome as OwnOutcome;
}
