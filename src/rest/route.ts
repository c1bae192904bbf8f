import type { IncomingHttpHeaders } from 'node:http';
import type { Origin } from '../domain/change.ts';
import { STORAGE_ANSWERS } from '../domain/storage-problem.ts';
import { isPlainBody } from '../http/exchange/request-head.ts';
import { updateFlat } from '../operations/update-flat.ts';
import { StorageError, type Store } from '../store/store.ts';
import { localeOf, textsOf } from '../texts/index.ts';
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
    if (!(error instanceof StorageError)) throw error;
    const { retryAfter } = STORAGE_ANSWERS[error.problem];
    return messageAnswer(503, texts.storage[error.problem], { 'Retry-After': String(retryAfter) });
  }
}
