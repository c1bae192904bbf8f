import { LINK_KINDS, type Origin } from '../../../domain/change.ts';
import type { Missing } from '../../../domain/flat.ts';
import type { LinkChange } from '../../../domain/link-change.ts';
import type { Linked } from '../../store.ts';
import { logProvisions } from '../commit/head.ts';
import { lockFlats } from '../commit/lock-flats.ts';
import type { Transaction } from '../commit/transactions.ts';
import { linkWriters } from './links.ts';

/** Attaches names or detaches them. */
export async function changeLinks(
  transaction: Transaction,
  origin: Origin,
  change: LinkChange,
): Promise<Linked | Missing> {
  const found = (await lockFlats(transaction, [change.ref])).find(change.ref);
  if (found.kind !== 'flat') return found;
  const { id: flatId, intercomId, flat } = found.flat;
  const { attach, detach } = linkWriters[change.link];
  const links = change.names.map((name) => [flatId, name] as const);
  const names = [...(await (change.attach ? attach : detach)(transaction, links))].sort();
  const count = names.length;
  const kind = LINK_KINDS[change.link][change.attach ? 'attached' : 'detached'];
  const drafts = count > 0 ? [{ kind, reason: change.reason, intercomId, flatId, flat, names }] : [];
  await logProvisions(transaction, origin, drafts);
  const field = change.link === 'keys' ? 'keyCount' : 'usersCount';
  return {
    kind: 'done',
    flat: { ...found.flat, [field]: found.flat[field] + (change.attach ? count : -count) },
    count,
  };
}
