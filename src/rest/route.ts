import type { IncomingHttpHeaders } from 'node:http';
import type { Origin } from '../domain/change.ts';
import { localeOf, textsOf } from '../domain/texts.ts';
import { isPlainBody } from '../http/request-head.ts';
import { updateFlat } from '../operations/update-flat.ts';
import { StorageBusy, StorageLost, type Store } from '../store/store.ts';
import { type Answer, fieldErrorsAnswer, flatBody, invalidAnswer, messageAnswer } from './answer.ts';
import { parseBody, updateFromBody } from './body.ts';
import { etagOf, isUsableIfMatch, versionsFromIfMatch } from './if-match.ts';

/** The vendor's `PATCH`: the same operation as GraphQL's, with the vendor's names, coercions and answers. */
export async function patchIntercomFlat(
  store: Store,
  actor: string,
  headers: IncomingHttpHeaders,
  bytes: Buffer,
): Promise<Answer> {
  const locale = localeOf(headers['accept-language']);
  const texts = textsOf(locale);
  if (!isPlainBody(headers)) return messageAnswer(415, texts.wrongEncoding, { 'Accept-Encoding': 'identity' });
  if (/^\s*multipart\//i.test(headers['content-type'] ?? '')) return messageAnswer(415, texts.multipart);
  const body = parseBody(bytes, headers['content-type']);
  if (typeof body === 'string') return invalidAnswer(locale, [['body', texts[body]]]);

  const origin: Origin = { actor, channel: 'REST' };
  const input = { ...updateFromBody(body), acceptedVersions: versionsFromIfMatch(headers['if-match']) };
  try {
    const outcome = await updateFlat(store, origin, input);
    if (outcome.kind !== 'refused') {
      return { status: 200, headers: { ETag: etagOf(outcome.flat.version) }, body: flatBody(outcome.flat) };
    }
    const { refusal } = outcome;
    if (refusal.kind === 'invalid') return fieldErrorsAnswer(locale, refusal.errors);
    const ifMatch = headers['if-match'] ?? '*';
    const reason = isUsableIfMatch(ifMatch) ? texts.versionConflict : texts.unusableIfMatch;
    return messageAnswer(412, reason, { ETag: etagOf(refusal.current.version) });
  } catch (error) {
    if (error instanceof StorageLost) return messageAnswer(503, texts.storageLost, { 'Retry-After': '30' });
    if (error instanceof StorageBusy) return messageAnswer(503, texts.storageBusy, { 'Retry-After': '5' });
    throw error;
  }
}
