import type { Closable } from './closable.ts';

/** Counts the bytes that are held in memory for callers. */
export interface ByteBudget {
  /** Reserves bytes until their holder closes; false when they do not fit, and then nothing is reserved. */
  reserve(holder: Closable, bytes: number): boolean;
}

/** At most `max` bytes at once. */
export function createByteBudget(max: number): ByteBudget {
  const takenBy = new WeakMap<Closable, number>();
  let taken = 0;

  function closed(this: Closable): void {
    taken -= takenBy.get(this) ?? 0;
    takenBy.delete(this);
  }

  return {
    reserve(holder, bytes) {
      const before = takenBy.get(holder) ?? 0;
      if (holder.closed || taken + bytes > max) return false;
      if (before === 0) holder.once('close', closed);
      takenBy.set(holder, before + bytes);
      taken += bytes;
      return true;
    },
  };
}
