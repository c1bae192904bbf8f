import { isInvalid } from '../domain/refusal.ts';
import type { Exchange } from '../http/exchange/exchange.ts';
import { findFlat } from '../operations/find-flat.ts';
import type { Store } from '../store/store.ts';
import { type Answer, fieldErrorsAnswer, flatAnswer, withHeaders } from './answer.ts';
import { flatRefFrom, formFields, REF_KEYS } from './body.ts';
import { unknownKeysHeader } from './unknown-keys.ts';

const KNOWN_KEYS: ReadonlySet<string> = new Set(REF_KEYS);

/** Answers with the flat that the query names, by the rules, and with the texts, of an update. */
export async function getFlat(store: Store, { query, locale }: Exchange): Promise<Answer> {
  const fields = formFields(query);
  const flat = await findFlat(store, flatRefFrom(fields));
  const answer = isInvalid(flat) ? fieldErrorsAnswer(locale, flat.errors) : flatAnswer(flat);
  return withHeaders(answer, unknownKeysHeader(fields, KNOWN_KEYS));
}
