interface StorageAnswer {
  /** The problem for machines. */
  readonly code: string;
  /** After how many seconds the same request may succeed. */
  readonly retryAfter: number;
}

/**
 * What may be wrong with the storage, and how callers are answered. `busy`, `full` and `readOnly`: the write was not stored.
 * `outcomeUnknown`: the disk failed in the middle of the commit, so the write may be there after the next start. `lost`: the
 * database's files are not those that are open, so that no read or write can be trusted.
 */
export const STORAGE_ANSWERS = {
  busy: { code: 'STORAGE_BUSY', retryAfter: 5 },
  full: { code: 'STORAGE_FULL', retryAfter: 30 },
  readOnly: { code: 'STORAGE_READ_ONLY', retryAfter: 30 },
  outcomeUnknown: { code: 'OUTCOME_UNKNOWN', retryAfter: 5 },
  lost: { code: 'STORAGE_LOST', retryAfter: 30 },
} as const satisfies Readonly<Record<string, StorageAnswer>>;

export type StorageProblem = keyof typeof STORAGE_ANSWERS;

const CODES: ReadonlySet<unknown> = new Set(Object.values(STORAGE_ANSWERS).map(({ code }) => code));

export const isStorageCode = (code: unknown): boolean => CODES.has(code);
