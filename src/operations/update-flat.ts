import type { Origin } from '../domain/change.ts';
import type { Flat } from '../domain/flat.ts';
import { isInvalid } from '../domain/refusal.ts';
import { decideUpdate, parseUpdate, type Update, type UpdateInput } from '../domain/update-flat.ts';
import type { Outcome, Reads, Writes } from '../store/store.ts';
import { findFlatBy } from './find-flat.ts';

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

/** The outcome of an update, or what it would be. */
export type Preview =
  | Exclude<Outcome, { kind: 'written' }>
  /** The flat as the update would leave it. */
  | { readonly kind: 'wouldWrite'; readonly flat: Flat };

/** Tries what `updateFlats` would do now, on the flats as they are read, each as the updates before it would leave it. Writes nothing. */
export async function previewFlats(
  store: Pick<Reads, 'findFlat' | 'findIntercom'>,
  inputs: readonly UpdateInput[],
  { atomic }: { readonly atomic: boolean },
): Promise<readonly Preview[]> {
  const parsed = inputs.map(parseUpdate);
  const isShapeRefused = atomic && parsed.some(isInvalid);
  const found = await Promise.all(
    parsed.map((it) => (isInvalid(it) || isShapeRefused ? undefined : findFlatBy(store, it.ref))),
  );
  const flats = new Map<number, Flat>();
  const previews = parsed.map((update, index): Preview => {
    if (isInvalid(update)) return { kind: 'refused', refusal: update };
    const stored = found[index];
    if (!stored) return { kind: 'notApplied' };
    if (isInvalid(stored)) return { kind: 'refused', refusal: stored };
    const decision = decideUpdate(update, { kind: 'flat', flat: flats.get(stored.id) ?? stored });
    if (decision.kind === 'refuse') return { kind: 'refused', refusal: decision.refusal };
    if (decision.kind === 'keep') return { kind: 'kept', flat: decision.flat };
    const flat = { ...decision.flat, lines: decision.lines, version: decision.flat.version + 1 };
    flats.set(flat.id, flat);
    return { kind: 'wouldWrite', flat };
  });
  const isRefused = atomic && previews.some((it) => it.kind === 'refused');
  return isRefused ? previews.map((it) => (it.kind === 'refused' ? it : { kind: 'notApplied' })) : previews;
}
