import type { Origin } from '../domain/change.ts';
import { type LinkChangeInput, parseLinkChange } from '../domain/link-change.ts';
import { type Invalid, isInvalid } from '../domain/refusal.ts';
import { refuseMissing } from '../domain/update-flat.ts';
import type { Linked, Writes } from '../store/store.ts';

/**
 * Attaches keys or users to a flat or detaches them, many at once. Links that exist already, or are gone already, are
 * skipped.
 */
export async function changeLinks(store: Writes, origin: Origin, input: LinkChangeInput): Promise<Linked | Invalid> {
  const parsed = parseLinkChange(input);
  if (isInvalid(parsed)) return parsed;
  const linked = await store.changeLinks(origin, parsed);
  return linked.kind === 'done' ? linked : refuseMissing(parsed.ref, linked);
}
