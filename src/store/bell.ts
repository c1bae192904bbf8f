/**
 * Tells that the log may have grown. It carries nothing and may ring for nothing, so there is nothing to lose: take the
 * promise first, then look at the log, and wait only when there was nothing new.
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
