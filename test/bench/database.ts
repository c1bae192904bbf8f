// The data that every side works on: 100 flats on each intercom, flats with two keys and one user, so that counting them
// costs what it costs in a real building. The service's own store makes it.

import type { FlatRow } from '../../src/domain/import-row.ts';
import { openStore } from '../../src/store/open.ts';
import type { Store } from '../../src/store/store.ts';
import { TESTER } from '../support/origin.ts';

export const FLATS_PER_INTERCOM = 100;
/** How many updates a bulk call carries. */
export const BULK = 1_000;
const CHUNK = 1_000;

/** Where the flat with a record id is: ids are given in this order. */
export const placeOf = (id: number): { readonly intercomId: number; readonly flat: number } => ({
  intercomId: 1 + Math.floor((id - 1) / FLATS_PER_INTERCOM),
  flat: 1 + ((id - 1) % FLATS_PER_INTERCOM),
});

export const titleOf = (intercomId: number): string => `Intercom ${intercomId}`;

const rowOf = (id: number, linked: boolean): FlatRow => ({
  ...placeOf(id),
  lines: {},
  ...(linked && { keys: [`${id}-A`, `${id}-B`], users: [`resident-${id}`] }),
});

/** Brings the flats with the record ids from `first` to `last` into a database, made if it is missing. */
export async function placeFlats(file: string, first: number, last: number, linkedEvery = 1): Promise<void> {
  await using store = openStore({ file });
  await fillStore(store, first, last, linkedEvery);
}

/** The same in a store. Every `linkedEvery`th flat gets its keys and its user. */
export async function fillStore(store: Store, first: number, last: number, linkedEvery = 1): Promise<void> {
  for (let id = first; id <= last; id += CHUNK) {
    const length = Math.min(CHUNK, last - id + 1);
    const { outcomes } = await store.importRows(
      TESTER,
      Array.from({ length }, (_, i) => rowOf(id + i, (id + i) % linkedEvery === 0)),
    );
    if (outcomes.some((it) => it.kind !== 'created')) throw new Error(`the flats from ${id} were not created`);
  }
}

/** Such flats as a file to import, without keys and users: one line at a time. */
export function* csvOf(flats: number, first = 1): Generator<string> {
  yield 'intercom_id,flat,is_smartphone_sip_line_available,is_landline_sip_line_available,is_analog_line_available\n';
  for (let id = first; id < first + flats; id++) {
    const { intercomId, flat } = placeOf(id);
    yield `${intercomId},${flat},true,true,true\n`;
  }
}
