import type { Origin } from '../domain/change.ts';
import type { Exchange } from '../http/exchange/exchange.ts';
import { isPlainBody } from '../http/exchange/request-head.ts';
import { updateFlat } from '../operations/update-flat.ts';
import type { Store } from '../store/store.ts';
import { textsOf } from '../texts/index.ts';
import {
  type Answer,
  fieldErrorsAnswer,
  flatAnswer,
  invalidAnswer,
  messageAnswer,
  versionTag,
  withHeaders,
} from './answer.ts';
import { type Body, parseBody, UPDATE_KEYS, updateFromBody } from './body.ts';
import { isUsableIfMatch, versionsFromIfMatch } from './if-match.ts';
import { unknownKeysHeader } from './unknown-keys.ts';

const KNOWN_KEYS: ReadonlySet<string> = new Set(UPDATE_KEYS);

/** The vendor's `PATCH`: the same operation as GraphQL's, with the vendor's names, coercions and answers. */
export async function patchFlat(store: Store, exchange: Exchange, bytes: Buffer): Promise<Answer> {
  const { headers } = exchange.request;
  const { locale } = exchange;
  const texts = textsOf(locale);
  if (!isPlainBody(headers)) return messageAnswer(415, texts.wrongEncoding, { 'Accept-Encoding': 'identity' });
  if (/^\s*multipart\//i.test(headers['content-type'] ?? '')) return messageAnswer(415, texts.multipart);
  const body = parseBody(bytes, headers['content-type']);
  if (typeof body === 'string') return invalidAnswer(locale, [['body', texts[body]]]);
  const answer = await update(store, exchange, body);
  return withHeaders(answer, unknownKeysHeader(body.fields, KNOWN_KEYS));
}

async function update(store: Store, { request, caller, locale }: Exchange, body: Body): Promise<Answer> {
  const ifMatch = request.headers['if-match'];
  const origin: Origin = { actor: caller.actor, channel: 'REST' };
  const input = { ...updateFromBody(body), acceptedVersions: versionsFromIfMatch(ifMatch) };
  const outcome = await updateFlat(store, origin, input);
  if (outcome.kind !== 'refused') return flatAnswer(outcome.flat);
  const { refusal } = outcome;
  if (refusal.kind === 'invalid') return fieldErrorsAnswer(locale, refusal.errors);
  const { versionConflict, unusableIfMatch } = textsOf(locale);
  const reason = isUsableIfMatch(ifMatch ?? '*') ? versionConflict : unusableIfMatch;
  return messageAnswer(412, reason, { ETag: versionTag(refusal.current.version) });
}
