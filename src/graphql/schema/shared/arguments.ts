import { type Given, UNREADABLE } from '../../../domain/input.ts';
import { integerFromText, MAX_ID } from '../../../domain/integer.ts';
import { badInput } from './bad-input.ts';

type Id = string | number | null | undefined;

/** An `ID` argument as a record id; null counts as absent. */
export const givenId = (id: Id): Given<number> =>
  id === null || id === undefined ? undefined : (integerFromText(String(id)) ?? UNREADABLE);

/** An `ID` argument of a query, which has to be one. */
export function readId(name: string, id: Id): number | undefined {
  const given = givenId(id);
  if (given === undefined) return undefined;
  if (given === UNREADABLE || given < 1 || given > MAX_ID) throw badInput(`${name} must be a whole number, 1 or more.`);
  return given;
}
