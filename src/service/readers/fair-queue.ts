/** What waits, by caller. Callers take turns. */
export interface FairQueue<T> {
  add(caller: string, item: T): void;
  /** Removes what still waits; false when it does not. */
  remove(caller: string, item: T): boolean;
  /** How much of a caller waits. */
  size(caller: string): number;
  /** Takes the next item that may run; it runs until `end`. */
  next(): T | undefined;
  end(caller: string): void;
}

/** At most `maxRunning` items of one caller run at once. */
export function createFairQueue<T>(maxRunning: number): FairQueue<T> {
  // In the order in which callers are served next.
  const waiting = new Map<string, T[]>();
  const running = new Map<string, number>();

  return {
    add(caller, item) {
      const items = waiting.get(caller);
      if (items) items.push(item);
      else waiting.set(caller, [item]);
    },
    remove(caller, item) {
      const items = waiting.get(caller) ?? [];
      const index = items.indexOf(item);
      if (index < 0) return false;
      items.splice(index, 1);
      if (items.length === 0) waiting.delete(caller);
      return true;
    },
    size: (caller) => waiting.get(caller)?.length ?? 0,
    next() {
      for (const [caller, items] of waiting) {
        const count = running.get(caller) ?? 0;
        if (count >= maxRunning) continue;
        const item = items.shift();
        running.set(caller, count + 1);
        // A caller that was served goes to the back.
        waiting.delete(caller);
        if (items.length > 0) waiting.set(caller, items);
        return item;
      }
      return undefined;
    },
    end(caller) {
      const count = running.get(caller) ?? 0;
      if (count > 1) running.set(caller, count - 1);
      else running.delete(caller);
    },
  };
}
