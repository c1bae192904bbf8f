import type { Commit } from '../../store.ts';

/** Times the steps of commits, and reports those that hold edits. */
export function createCommitTimer(report: (commit: Commit) => void) {
  let begun = 0;
  let ended = 0;
  return {
    /** A transaction has begun; one that is tried again begins anew. */
    begin() {
      begun = performance.now();
    },
    /** Only the commit itself is left. */
    end() {
      ended = performance.now();
    },
    committed(edits: number) {
      if (edits === 0) return;
      const now = performance.now();
      report({ edits, seconds: (now - begun) / 1e3, syncSeconds: (now - ended) / 1e3 });
    },
  };
}
