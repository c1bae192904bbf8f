import type { Flat } from '../domain/flat.ts';
import { type FlatRef, type FlatRefInput, parseFlatRef } from '../domain/flat-ref.ts';
import { type Invalid, isInvalid } from '../domain/refusal.ts';
import { refuseMissing } from '../domain/update-flat.ts';
import type { Reads } from '../store/store.ts';

/** Finds one flat. What names none is refused as it is in an update. */
export async function findFlat(store: Reads, input: FlatRefInput): Promise<Flat | Invalid> {
  const ref = parseFlatRef(input);
  return isInvalid(ref) ? ref : findFlatBy(store, ref);
}

/** The flat under a ref, or the refusal of an update of it. */
export async function findFlatBy(
  store: Pick<Reads, 'findFlat' | 'findIntercom'>,
  ref: FlatRef,
): Promise<Flat | Invalid> {
  const { intercomId } = ref;
  const flat = await store.findFlat(ref.by === 'id' ? { by: 'id', flatId: ref.flatId } : ref);
  if (flat && (intercomId === undefined || intercomId === flat.intercomId)) return flat;
  if (intercomId !== undefined && !(await store.findIntercom({ by: 'id', intercomId }))) {
    return refuseMissing(ref, { kind: 'noIntercom' });
  }
  return refuseMissing(ref, { kind: flat ? 'otherIntercom' : 'noFlat' });
}
