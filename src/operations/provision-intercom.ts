import { type IntercomRefInput, parseIntercomRef } from '../domain/intercom-ref.ts';
import { type NewIntercomInput, parseNewIntercom } from '../domain/new-intercom.ts';
import { type FlatsInUse, type Invalid, isInvalid } from '../domain/refusal.ts';
import { type IntercomUpdateInput, parseIntercomUpdate } from '../domain/update-intercom.ts';
import type { Provisioned, Writes } from '../store/store.ts';

/** Creates an intercom and a flat for each number of its range. New flats add no rows to the change log. */
export async function createIntercom(store: Writes, input: NewIntercomInput): Promise<Provisioned | Invalid> {
  const parsed = parseNewIntercom(input);
  if (isInvalid(parsed)) return parsed;
  const added = await store.addIntercom(parsed);
  return added.kind === 'done' ? added : added.refusal;
}

/** Changes an intercom's title, external id or range; flats come and go with the range. */
export async function updateIntercom(
  store: Writes,
  input: IntercomUpdateInput,
): Promise<Provisioned | Invalid | FlatsInUse> {
  const parsed = parseIntercomUpdate(input);
  if (isInvalid(parsed)) return parsed;
  const amended = await store.amendIntercom(parsed);
  return amended.kind === 'done' ? amended : amended.refusal;
}

/** Deletes an intercom with its flats. Their rows in the change log stay. */
export async function deleteIntercom(
  store: Writes,
  input: IntercomRefInput & { readonly force: boolean },
): Promise<Provisioned | Invalid | FlatsInUse> {
  const ref = parseIntercomRef(input);
  if (isInvalid(ref)) return ref;
  const amended = await store.amendIntercom({ kind: 'delete', ref, force: input.force });
  return amended.kind === 'done' ? amended : amended.refusal;
}
