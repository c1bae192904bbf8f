import type { Origin } from '../domain/change.ts';
import { type NewIntercomInput, parseNewIntercom } from '../domain/new-intercom.ts';
import { type FlatsInUse, type Invalid, isInvalid } from '../domain/refusal.ts';
import {
  type IntercomDeletionInput,
  type IntercomUpdateInput,
  parseIntercomDeletion,
  parseIntercomUpdate,
} from '../domain/update-intercom.ts';
import type { Provisioned, Writes } from '../store/store.ts';

/** Creates an intercom and a flat for each number of its range. */
export async function createIntercom(
  store: Writes,
  origin: Origin,
  input: NewIntercomInput,
): Promise<Provisioned | Invalid> {
  const parsed = parseNewIntercom(input);
  if (isInvalid(parsed)) return parsed;
  const added = await store.addIntercom(origin, parsed);
  return added.kind === 'done' ? added : added.refusal;
}

/** Changes an intercom's title, external id or range; flats come and go with the range. */
export async function updateIntercom(
  store: Writes,
  origin: Origin,
  input: IntercomUpdateInput,
): Promise<Provisioned | Invalid | FlatsInUse> {
  const parsed = parseIntercomUpdate(input);
  if (isInvalid(parsed)) return parsed;
  const amended = await store.amendIntercom(origin, parsed);
  return amended.kind === 'done' ? amended : amended.refusal;
}

/** Deletes an intercom with its flats. Their rows in the change log stay. */
export async function deleteIntercom(
  store: Writes,
  origin: Origin,
  input: IntercomDeletionInput,
): Promise<Provisioned | Invalid | FlatsInUse> {
  const parsed = parseIntercomDeletion(input);
  if (isInvalid(parsed)) return parsed;
  const amended = await store.amendIntercom(origin, parsed);
  return amended.kind === 'done' ? amended : amended.refusal;
}
