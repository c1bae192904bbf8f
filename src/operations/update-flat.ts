import type { Origin } from '../domain/change.ts';
import { isInvalid } from '../domain/refusal.ts';
import { parseUpdate, type Update, type UpdateInput } from '../domain/update-flat.ts';
import type { Outcome, Writes } from '../store/store.ts';

/** A single update is never refused because of another one. */
type OwnOutcome = Exclude<Outcome, { kind: 'notApplied' }>;

/**
 * Sets the lines of one flat: the one operation behind both doors. The shape is validated first; the store is asked only for
 * a valid one.
 */
export async function updateFlat(store: Writes, origin: Origin, input: UpdateInput): Promise<OwnOutcome> {
  const update = parseUpdate(input);
  if (isInvalid(update)) return { kind: 'refused', refusal: update };
  const [outcome] = await store.amend(origin, [update]);
  return outcome as OwnOutcome;
}

/** The most updates in one call. */
export const MAX_UPDATES = 1_000;

/**
 * Sets the lines of many flats, in order; outcomes come in the order of the inputs. The shapes are validated first; the
 * store is asked only for valid ones. With `atomic` one refusal refuses all; when a shape is refused, the others are not
 * looked up.
 */
export async function updateFlats(
  store: Writes,
  origin: Origin,
  inputs: readonly UpdateInput[],
  options: { readonly atomic: boolean },
): Promise<readonly Outcome[]> {
  const parsed = inputs.map(parseUpdate);
  const refused = parsed.some(isInvalid);
  if (refused && options.atomic) {
    return parsed.map((it) => (isInvalid(it) ? { kind: 'refused', refusal: it } : { kind: 'notApplied' }));
  }
  const updates = parsed.filter((it): it is Update => !isInvalid(it));
  const outcomes = updates.length > 0 ? await store.amend(origin, updates, options) : [];
  if (!refused) return outcomes;
  let next = 0;
  return parsed.map((it) => (isInvalid(it) ? { kind: 'refused', refusal: it } : (outcomes[next++] as Outcome)));
}
