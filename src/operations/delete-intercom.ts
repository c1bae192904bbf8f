import { type IntercomRefInput, parseIntercomRef } from '../domain/intercom-ref.ts';
import { decideIntercomDeletion } from '../domain/intercom-update.ts';
import type { FlatsInUse, Invalid } from '../domain/refusal.ts';
import type { Provisioned, Store } from '../store/store.ts';
import { refuseObstacle } from './refuse-obstacle.ts';

/** Deletes an intercom with its flats. What the log says of them stays. */
export async function deleteIntercom(
  store: Store,
  input: IntercomRefInput & { readonly force: boolean },
): Promise<Provisioned | Invalid | FlatsInUse> {
  const ref = parseIntercomRef(input);
  if (!('by' in ref)) return { kind: 'invalid', errors: ref };
  const amended = await store.amendIntercom(ref, (intercom) => decideIntercomDeletion(ref, input.force, intercom));
  if (amended.kind === 'done') return amended;
  return amended.kind === 'refused' ? amended.refusal : refuseObstacle(amended, 'externalId');
}
