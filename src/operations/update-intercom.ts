import type { FlatsInUse, Invalid } from '../domain/refusal.ts';
import { type IntercomUpdateInput, parseIntercomUpdate } from '../domain/update-intercom.ts';
import type { Provisioned, Store } from '../store/store.ts';

/** Changes an intercom's title, external id or range; flats come and go with the range. */
export async function updateIntercom(
  store: Store,
  input: IntercomUpdateInput,
): Promise<Provisioned | Invalid | FlatsInUse> {
  const parsed = parseIntercomUpdate(input);
  if (parsed.kind === 'invalid') return parsed;
  const amended = await store.amendIntercom(parsed);
  return amended.kind === 'done' ? amended : amended.refusal;
}
