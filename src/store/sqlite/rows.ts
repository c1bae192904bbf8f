import type { Flat } from '../../domain/flat.ts';
import { LINES, type Lines, linesFrom } from '../../domain/lines.ts';
import { flats } from './tables.ts';

/** What makes a `Flat` out of `flats f`, in the order that `readFlat` takes it; the links are counted by their index. */
export const FLAT_COLUMNS = [
  'f.id',
  'f.flat',
  'f.intercom_id',
  '(select count(*) from keys where flat_id = f.id)',
  '(select count(*) from flat_users where flat_id = f.id)',
  'f.version',
  'f.updated_at',
  ...LINES.map((line) => `f.${flats[line].name}`),
].join(', ');

export function readFlat(columns: readonly unknown[]): Flat {
  const [id, flat, intercomId, keyCount, usersCount, version, updatedAt] = columns as [
    ...[id: number, flat: number, intercomId: number, keyCount: number, usersCount: number],
    ...[version: number, updatedAt: number],
  ];
  const lines = linesOfColumns(columns, 7);
  return { id, flat, intercomId, keyCount, usersCount, lines, version, updatedAt };
}

/** Lines out of a row that has their columns from `start` on, in the order of `LINES`. */
export const linesOfColumns = (columns: readonly unknown[], start: number): Lines =>
  linesFrom((_, index) => columns[start + index] === 1);

/** Lines as their columns store them. */
export const lineColumns = (lines: Lines): readonly number[] => LINES.map((line) => (lines[line] ? 1 : 0));
