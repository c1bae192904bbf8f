import { type NewIntercomInput, parseNewIntercom } from '../domain/new-intercom.ts';
import type { Invalid } from '../domain/refusal.ts';
import type { Provisioned, Store } from '../store/store.ts';

/** Makes an intercom and a flat for each number of its range. Creating flats makes no rows in the log. */
export async function createIntercom(store: Store, input: NewIntercomInput): Promise<Provisioned | Invalid> {
  const parsed = parseNewIntercom(input);
  if ('kind' in parsed) return parsed;
  const added = await store.addIntercom(parsed);
  return added.kind === 'done' ? added : added.refusal;
}
