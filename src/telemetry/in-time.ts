import { StorageError } from '../store/store.ts';

/** What the store answers; it is refused as busy when that takes longer, since a frozen server never says no. */
export async function inTime<T>(answer: Promise<T>, timeoutMs: number): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new StorageError('busy', 'the database does not answer in time')), timeoutMs);
  try {
    return await Promise.race([answer, promise]);
  } finally {
    clearTimeout(timer);
  }
}
