import { decideIntercomUpdate, type IntercomUpdateInput, parseIntercomUpdate } from '../domain/intercom-update.ts';
import type { FlatsInUse, Invalid } from '../domain/refusal.ts';
import type { Provisioned, Store } from '../store/store.ts';
import { refuseObstacle } from './refuse-obstacle.ts';

/** Changes an intercom's title, external id or range; flats come and go with the range. */
export async function updateIntercom(
  store: Store,
  input: IntercomUpdateInput,
): Promise<Provisioned | Invalid | FlatsInUse> {
  const parsed = parseIntercomUpdate(input);
  if ('kind' in parsed) return parsed;
  const amended = await store.amendIntercom(parsed.ref, (intercom) => decideIntercomUpdate(parsed, intercom));
  if (amended.kind === 'done') return amended;
  return amended.kind === 'refused' ? amended.refusal : refuseObstacle(amended, 'newExternalId');
}
