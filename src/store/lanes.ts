/** The most edits in one commit, but for a single larger write: a new write may have to wait for all of them. */
export const MAX_EDITS = 100;
/** So long after a write of one edit others like it are expected, which should not wait for a large commit. */
const SINGLES_MS = 1_000;

/** A write that waits. */
export interface Job<Work> {
  readonly work: Work;
  readonly size: number;
  readonly since: number;
  readonly deadline: number;
  readonly resolve: (value: never) => void;
  readonly reject: (error: unknown) => void;
}

/** Writes that wait, by lane. `maxAlone` is the most edits in one commit while nobody sends writes of one edit. */
export function createLanes<Work>(maxAlone = MAX_EDITS) {
  // In the order in which they are served next.
  const lanes = new Map<string, { jobs: Job<Work>[]; edits: number }>();
  let jobs = 0;
  let edits = 0;
  let singleAt = Number.NEGATIVE_INFINITY;

  function removeFrom(name: string, count: number): readonly Job<Work>[] {
    const lane = lanes.get(name);
    if (!lane || count === 0) return [];
    const removed = lane.jobs.splice(0, count);
    const size = removed.reduce((sum, job) => sum + job.size, 0);
    lane.edits -= size;
    edits -= size;
    jobs -= removed.length;
    // A lane that was served goes to the back.
    lanes.delete(name);
    if (lane.jobs.length > 0) lanes.set(name, lane);
    return removed;
  }

  return {
    jobs: () => jobs,
    edits: (name?: string) => (name === undefined ? edits : (lanes.get(name)?.edits ?? 0)),
    add(name: string, job: Job<Work>): void {
      const lane = lanes.get(name) ?? { jobs: [], edits: 0 };
      lanes.set(name, lane);
      lane.jobs.push(job);
      lane.edits += job.size;
      edits += job.size;
      jobs++;
      if (job.size === 1) singleAt = job.since;
    },
    /** The writes of the next commit: one of each lane in turn, as long as they fit. They stay until they are removed. */
    next() {
      const batch: Job<Work>[] = [];
      const taken = new Map<string, number>();
      const most = performance.now() - singleAt < SINGLES_MS ? MAX_EDITS : maxAlone;
      let size = 0;
      for (let isMore = true; isMore; ) {
        isMore = false;
        for (const [name, lane] of lanes) {
          const index = taken.get(name) ?? 0;
          const job = lane.jobs[index];
          if (!job || (batch.length > 0 && size + job.size > most)) continue;
          batch.push(job);
          taken.set(name, index + 1);
          size += job.size;
          isMore = true;
        }
      }
      const remove = () => {
        for (const [name, count] of taken) removeFrom(name, count);
      };
      return { batch, edits: size, remove };
    },
    removeExpired(now: number): readonly Job<Work>[] {
      return [...lanes].flatMap(([name, lane]) => {
        const first = lane.jobs.findIndex((job) => job.deadline > now);
        return removeFrom(name, first < 0 ? lane.jobs.length : first);
      });
    },
  };
}
