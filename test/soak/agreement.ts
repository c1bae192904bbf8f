import { openStore } from '../../src/store/open.ts';
import { TESTER } from '../support/origin.ts';
import { rows } from '../support/rows.ts';

/** A database with one intercom for each of these numbers of flats, the record ids of all from 1 on. */
export async function fill(file: string, flats: readonly number[]): Promise<void> {
  await using store = openStore({ file });
  const rows = flats.flatMap((count, index) =>
    Array.from({ length: count }, (_, i) => ({ intercomId: index + 1, flat: i + 1, lines: {} })),
  );
  await store.importRows(TESTER, rows);
}

/** Acknowledged versions of flats, by record id, that the database does not have, and flats that disagree with their log. */
export function disagreements(file: string, acknowledged: ReadonlyMap<number, number>): string[] {
  const flats = rows(
    file,
    `select id, version, analog,
       (select count(*) from changes where flat_id = flats.id) changes,
       (select after_analog from changes where flat_id = flats.id order by seq desc limit 1) logged
     from flats`,
  ) as { id: number; version: number; analog: number; changes: number; logged: number | null }[];
  return flats.flatMap(({ id, version, analog, changes, logged }) => {
    const told = acknowledged.get(id) ?? 1;
    return [
      ...(version < told ? [`flat ${id} has version ${version}, but ${told} was acknowledged`] : []),
      ...(changes !== version - 1 ? [`flat ${id} has version ${version} and ${changes} rows of the log`] : []),
      ...(logged !== null && logged !== analog ? [`flat ${id} has ${analog}, its log ${logged}`] : []),
    ];
  });
}
