import { STORAGE_ANSWERS } from '../domain/storage-problem.ts';
import { isRead, READS, type Route } from '../http/exchange/route.ts';
import { StorageError, type Store } from '../store/store.ts';
import { type Locale, textsOf } from '../texts/index.ts';
import { isRestPath, methodOf, REST_PATH } from './address.ts';
import { type Answer, messageAnswer } from './answer.ts';
import { getFlat } from './get-flat.ts';
import { patchFlat } from './patch-flat.ts';

/** The vendor's path: its `PATCH`, and a `GET` for those who check before they write. */
export const createRestRoute = (store: Store, maxBody: number): Route => ({
  path: REST_PATH,
  matches: isRestPath,
  door: 'rest',
  methods: [...READS, 'PATCH'],
  methodOf,
  scope: 'write',
  scopeOf: (method) => (isRead(method) ? 'read' : 'write'),
  trustsNetworks: true,
  needsStorage: true,
  maxBody,
  async handle(exchange, bytes) {
    const reads = isRead(exchange.request.method);
    const answering = reads ? getFlat(store, exchange) : patchFlat(store, exchange, bytes);
    const answer = await answering.catch((error: unknown) => storageAnswer(error, exchange.locale));
    const { status, body, headers } = answer;
    // The next change makes a copy wrong.
    exchange.sendJson(status, body, reads ? { ...headers, 'Cache-Control': 'no-store' } : headers);
  },
});

/** 503: what of the storage is wrong; other faults are thrown on. */
function storageAnswer(error: unknown, locale: Locale): Answer {
  if (!(error instanceof StorageError)) throw error;
  const { retryAfter } = STORAGE_ANSWERS[error.problem];
  return messageAnswer(503, textsOf(locale).storage[error.problem], { 'Retry-After': String(retryAfter) });
}
