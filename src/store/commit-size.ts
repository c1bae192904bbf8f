/** How many edits one commit may have, but for a single larger write. */
export interface CommitSize {
  /** `now` is in milliseconds, since any moment. */
  max(now: number): number;
  /** Takes how long a commit took, in milliseconds, and how many lanes had writes waiting. */
  learn(edits: number, ms: number, lanes: number, now: number): void;
}

/** How long writes of several lanes are remembered, in milliseconds. */
const REMEMBERED_MS = 100;

/** Where only one lane has written lately, a new write waits for its own: commits may be larger. */
interface ByCompany {
  readonly shared: number;
  readonly alone: number;
}

function createCompany() {
  let sharedUntil = Number.NEGATIVE_INFINITY;
  return {
    note(lanes: number, now: number): void {
      if (lanes > 1) sharedUntil = now + REMEMBERED_MS;
    },
    choose: ({ shared, alone }: ByCompany, now: number): number => (now < sharedUntil ? shared : alone),
  };
}

/** As many edits as given, however long a commit takes: where that depends on more than on the edits. */
export function createFixedSize(edits: ByCompany): CommitSize {
  const company = createCompany();
  return {
    max: (now) => company.choose(edits, now),
    learn: (_, __, lanes, now) => company.note(lanes, now),
  };
}

/** How long a commit of many edits should take, in milliseconds. */
const GOAL_MS: ByCompany = { shared: 2, alone: 8 };
const LEAST = 50;
const MOST = 500;
const FIRST = 100;

/**
 * As many edits as this machine commits in a few milliseconds. Edits in one place cost less the more share a commit, since each page is
 * written once; edits at random on a slow disk cost a hundred times as much.
 */
export function createMeasuredSize(): CommitSize {
  const company = createCompany();
  let size = FIRST;
  return {
    max: () => Math.round(size),
    learn(edits, ms, lanes, now) {
      company.note(lanes, now);
      // What a small commit takes says little of a large one.
      if (edits < size / 2) return;
      const factor = Math.min(1.25, Math.max(0.5, company.choose(GOAL_MS, now) / ms));
      size = Math.min(MOST, Math.max(LEAST, size * factor));
    },
  };
}
