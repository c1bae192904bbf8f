import type { ServerResponse } from 'node:http';

/** Counts the bytes that are held in memory for callers. */
export interface ByteBudget {
  /** Reserves bytes until the response closes; false when they do not fit, and then nothing is reserved. */
  reserve(response: ServerResponse, bytes: number): boolean;
}

/** At most `max` bytes at once. */
export function createByteBudget(max: number): ByteBudget {
  const takenBy = new WeakMap<ServerResponse, number>();
  let taken = 0;

  function closed(this: ServerResponse): void {
    taken -= takenBy.get(this) ?? 0;
    takenBy.delete(this);
  }

  return {
    reserve(response, bytes) {
      const before = takenBy.get(response) ?? 0;
      if (response.closed || taken + bytes > max) return false;
      if (before === 0) response.once('close', closed);
      takenBy.set(response, before + bytes);
      taken += bytes;
      return true;
    },
  };
}
