import type { Missing } from '../../../domain/flat.ts';
import type { LinkChange } from '../../../domain/link-change.ts';
import type { Linked } from '../../store.ts';
import { lockFlats } from '../commit/lock-flats.ts';
import type { Transaction } from '../commit/transactions.ts';
import { linkWriters } from './links.ts';

/** Attaches names or detaches them. */
export async function changeLinks(transaction: Transaction, change: LinkChange): Promise<Linked | Missing> {
  const found = (await lockFlats(transaction, [change.ref])).find(change.ref);
  if (found.kind !== 'flat') return found;
  const { attach, detach } = linkWriters[change.link];
  const links = change.names.map((name) => [found.flat.id, name] as const);
  const count = await (change.attach ? attach : detach)(transaction, links);
  const field = change.link === 'keys' ? 'keyCount' : 'usersCount';
  const flat = { ...found.flat, [field]: found.flat[field] + (change.attach ? count : -count) };
  return { kind: 'done', flat, count };
}
