import { type IntercomRefInput, parseIntercomRef } from '../domain/intercom-ref.ts';
import type { FlatsInUse, Invalid } from '../domain/refusal.ts';
import type { Provisioned, Store } from '../store/store.ts';

/** Deletes an intercom with its flats. What the log says of them stays. */
export async function deleteIntercom(
  store: Store,
  input: IntercomRefInput & { readonly force: boolean },
): Promise<Provisioned | Invalid | FlatsInUse> {
  const ref = parseIntercomRef(input);
  if (!('by' in ref)) return { kind: 'invalid', errors: ref };
  const amended = await store.amendIntercom({ kind: 'delete', ref, force: input.force });
  return amended.kind === 'done' ? amended : amended.refusal;
}
