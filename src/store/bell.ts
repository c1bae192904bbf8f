/**
 * Signals that the change log may have grown. It carries no data and may ring without need, so nothing can be lost: take the
 * promise first, then read the log, and wait only when there was nothing new.
 */
export interface Bell {
  ring(): void;
  /** Resolves at the next ring. */
  next(): Promise<void>;
}

export function createBell(): Bell {
  let waiting = Promise.withResolvers<void>();
  return {
    ring() {
      waiting.resolve();
      waiting = Promise.withResolvers();
    },
    next: () => waiting.promise,
  };
}
