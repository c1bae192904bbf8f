import type { Origin } from '../../../domain/change.ts';
import { sameIntercom } from '../../../domain/intercom.ts';
import { intercomChange } from '../../../domain/log-drafts.ts';
import { type NewIntercom, refuseNewIntercom } from '../../../domain/new-intercom.ts';
import { type FlatsInUse, type Invalid, isInvalid } from '../../../domain/refusal.ts';
import { type IntercomAmendment, planIntercomAmendment, refuseIntercomPlan } from '../../../domain/update-intercom.ts';
import type { Provisioned, Refused } from '../../store.ts';
import { logProvisions } from '../commit/head.ts';
import type { Transaction } from '../commit/transactions.ts';
import { countsOf, deleteFlats, flatsInUse, insertFlats, lockOutside } from './flat-ranges.ts';
import { deleteIntercom, insertIntercoms, lockIds, lockIntercom, setIds, updateIntercoms } from './intercoms.ts';

const holderOf = async (transaction: Transaction, externalId: string | null): Promise<number | undefined> =>
  externalId === null ? undefined : (await lockIntercom(transaction, { by: 'externalId', externalId }))?.id;

/** Creates an intercom with its flats; every refusal is decided before the first write. */
export async function addIntercom(
  transaction: Transaction,
  origin: Origin,
  draft: NewIntercom,
): Promise<Provisioned | Refused<Invalid>> {
  const { title, externalId, range, lines, reason } = draft;
  const last = await lockIds(transaction);
  const refusal = refuseNewIntercom(draft, {
    holder: await holderOf(transaction, externalId),
    lastIntercomId: last.intercom,
    lastFlatId: last.flat,
  });
  if (refusal) return { kind: 'refused', refusal };
  const intercom = { id: last.intercom + 1, title, externalId, range };
  await insertIntercoms(transaction, [intercom]);
  const flatsAdded = await insertFlats(transaction, intercom.id, range, lines, last.flat);
  await setIds(transaction, { intercom: intercom.id, flat: last.flat + flatsAdded });
  const counts = { flatsAdded, flatsRemoved: 0 };
  const drafts = [intercomChange(intercom.id, null, intercom, counts, reason)];
  await logProvisions(transaction, origin, drafts, countsOf(lines, flatsAdded));
  return { kind: 'done', intercom, ...counts };
}

/** Changes or deletes an intercom. It is one transaction, however many flats it has: it keeps nobody else waiting. */
export async function amendIntercom(
  transaction: Transaction,
  origin: Origin,
  amendment: IntercomAmendment,
): Promise<Provisioned | Refused<Invalid | FlatsInUse>> {
  const last = await lockIds(transaction);
  const plan = planIntercomAmendment(amendment, await lockIntercom(transaction, amendment.ref));
  if (isInvalid(plan)) return { kind: 'refused', refusal: plan };
  const { before, after, added, stays, lines, force } = plan;
  if (stays !== undefined) await lockOutside(transaction, before.id, stays);
  const refusal = refuseIntercomPlan(plan, {
    holder: await holderOf(transaction, after?.externalId ?? null),
    lastFlatId: last.flat,
    inUse: stays === undefined || force ? undefined : await flatsInUse(transaction, before.id, stays),
  });
  if (refusal) return { kind: 'refused', refusal };
  if (after) await updateIntercoms(transaction, [after]);
  const gone = stays === undefined ? undefined : await deleteFlats(transaction, before.id, stays);
  let flatsAdded = 0;
  for (const numbers of added) {
    flatsAdded += await insertFlats(transaction, before.id, numbers, lines, last.flat + flatsAdded);
  }
  if (!after) await deleteIntercom(transaction, before.id);
  if (flatsAdded > 0) await setIds(transaction, { ...last, flat: last.flat + flatsAdded });
  const came = countsOf(lines, flatsAdded);
  const counts = { flatsAdded, flatsRemoved: gone?.count ?? 0 };
  const isSame = after !== null && sameIntercom(before, after) && flatsAdded + counts.flatsRemoved === 0;
  await logProvisions(
    transaction,
    origin,
    isSame ? [] : [intercomChange(before.id, before, after, counts, amendment.reason)],
    came.map((count, mask) => count - (gone?.byLines[mask] ?? 0)),
  );
  return { kind: 'done', intercom: after ?? before, ...counts };
}
