import { MAX_KEY_CODE, MAX_LOGIN, MAX_TITLE } from './import-row.ts';
import { MAX_EXTERNAL_ID } from './intercom.ts';
import type { Field } from './refusal.ts';

/** The longest reason, in characters (Unicode code points). */
export const MAX_REASON = 500;

/** The most keys or users in one call. */
export const MAX_NAMES = 1_000;

/** The most record ids in one filter. */
export const MAX_FLAT_IDS = 500;

/** The most numbers in a range that is asked for; an import may widen one beyond that. */
export const MAX_RANGE = 10_000;

/** The longest text of a field, or of each entry of a list, in characters (Unicode code points). */
export const MAX_LENGTH: Partial<Readonly<Record<Field, number>>> = {
  title: MAX_TITLE,
  externalId: MAX_EXTERNAL_ID,
  newExternalId: MAX_EXTERNAL_ID,
  keys: MAX_KEY_CODE,
  users: MAX_LOGIN,
  reason: MAX_REASON,
};

/** The most entries of a list, or flats of a range. */
export const MAX_COUNT: Partial<Readonly<Record<Field, number>>> = {
  keys: MAX_NAMES,
  users: MAX_NAMES,
  flatIds: MAX_FLAT_IDS,
  exceptFlatIds: MAX_FLAT_IDS,
  flatFrom: MAX_RANGE,
  flatTo: MAX_RANGE,
};

/** The code of a request that exceeds a limit. */
export const LIMIT_EXCEEDED = 'LIMIT_EXCEEDED';

/** The code of a request that is refused because too much memory is held for other requests. */
export const OVERLOADED = 'OVERLOADED';

/** The code of a request that names a document which is not known here: its client sends the text next, so nothing failed. */
export const PERSISTED_QUERY_NOT_FOUND = 'PERSISTED_QUERY_NOT_FOUND';
