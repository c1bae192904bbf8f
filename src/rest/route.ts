import type { Origin } from '../domain/change.ts';
import { STORAGE_ANSWERS } from '../domain/storage-problem.ts';
import type { Exchange } from '../http/exchange/exchange.ts';
import { isPlainBody } from '../http/exchange/request-head.ts';
import type { Route } from '../http/exchange/route.ts';
import { updateFlat } from '../operations/update-flat.ts';
import { StorageError, type Store } from '../store/store.ts';
import { textsOf } from '../texts/index.ts';
import { isRestPath, methodOf, REST_PATH } from './address.ts';
import { type Answer, fieldErrorsAnswer, flatBody, invalidAnswer, messageAnswer } from './answer.ts';
import { parseBody, updateFromBody } from './body.ts';

/** The vendor's `PATCH`: the same operation as GraphQL's, with the vendor's names, coercions and answers. */
export const createRestRoute = (store: Store, maxBody: number): Route => ({
  path: REST_PATH,
  matches: isRestPath,
  door: 'rest',
  methods: ['PATCH'],
  methodOf,
  scope: 'write',
  trustsNetworks: true,
  needsStorage: true,
  maxBody,
  async handle(exchange, bytes) {
    const { status, body, headers } = await patchIntercomFlat(store, exchange, bytes);
    exchange.sendJson(status, body, headers);
  },
});

async function patchIntercomFlat(store: Store, { request, caller, locale }: Exchange, bytes: Buffer): Promise<Answer> {
  const { headers } = request;
  const texts = textsOf(locale);
  if (!isPlainBody(headers)) return messageAnswer(415, texts.wrongEncoding, { 'Accept-Encoding': 'identity' });
  if (/^\s*multipart\//i.test(headers['content-type'] ?? '')) return messageAnswer(415, texts.multipart);
  const body = parseBody(bytes, headers['content-type']);
  if (typeof body === 'string') return invalidAnswer(locale, [['body', texts[body]]]);

  const origin: Origin = { actor: caller.actor, channel: 'REST' };
  const input = { ...updateFromBody(body), acceptedVersions: versionsFromIfMatch(headers['if-match']) };
  try {
    const outcome = await updateFlat(store, origin, input);
    if (outcome.kind !== 'refused') {
      return { status: 200, headers: { ETag: versionTag(outcome.flat.version) }, body: flatBody(outcome.flat) };
    }
    const { refusal } = outcome;
    if (refusal.kind === 'invalid') return fieldErrorsAnswer(locale, refusal.errors);
    const ifMatch = headers['if-match'] ?? '*';
    const reason = isUsableIfMatch(ifMatch) ? texts.versionConflict : texts.unusableIfMatch;
    return messageAnswer(412, reason, { ETag: versionTag(refusal.current.version) });
  } catch (error) {
    if (!(error instanceof StorageError)) throw error;
    const { retryAfter } = STORAGE_ANSWERS[error.problem];
    return messageAnswer(503, texts.storage[error.problem], { 'Retry-After': String(retryAfter) });
  }
}

/** The `ETag` of a flat: its version, as a strong validator (RFC 9110, 8.8.3). */
const versionTag = (version: number): string => `"${version}"`;

/** Whether a header names something that can match: `*`, or a strong tag in quotation marks. */
const isUsableIfMatch = (header: string): boolean =>
  header.trim() === '*' || header.split(',').some((tag) => /^\s*"[^"]*"\s*$/.test(tag));

/**
 * The versions that an `If-Match` header accepts (RFC 9110, 13.1.1): `undefined` when any will do. A weak or malformed tag
 * matches nothing, so that an intended guard never becomes none.
 */
function versionsFromIfMatch(header: string | undefined): readonly number[] | undefined {
  if (header === undefined || header.trim() === '*') return undefined;
  return header.split(',').flatMap((tag) => {
    const version = /^\s*"([1-9]\d*)"\s*$/.exec(tag)?.[1];
    return version ? [Number(version)] : [];
  });
}
