import { type Given, UNREADABLE } from '../domain/given.ts';
import { integerFromText } from '../domain/integer.ts';

/** An `ID` argument as a record id; null counts as absent. */
export const givenId = (id: string | number | null | undefined): Given<number> =>
  id === null || id === undefined ? undefined : (integerFromText(String(id)) ?? UNREADABLE);
