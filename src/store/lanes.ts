/** A write that waits. */
export interface Job<Work> {
  readonly work: Work;
  readonly size: number;
  readonly since: number;
  readonly deadline: number;
  readonly resolve: (value: never) => void;
  readonly reject: (error: unknown) => void;
}

/** Writes that wait, by lane. */
export function createLanes<Work>() {
  // In the order in which they are served next.
  const lanes = new Map<string, { jobs: Job<Work>[]; edits: number }>();
  let jobs = 0;
  let edits = 0;

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
    },
    /** The writes of the next commit: one of each lane in turn, as long as they fit. They stay until they are removed. */
    next(maxEdits: number) {
      const batch: Job<Work>[] = [];
      const taken = new Map<string, number>();
      let size = 0;
      for (let isMore = true; isMore; ) {
        isMore = false;
        for (const [name, lane] of lanes) {
          const index = taken.get(name) ?? 0;
          const job = lane.jobs[index];
          if (!job || (batch.length > 0 && size + job.size > maxEdits)) continue;
          batch.push(job);
          taken.set(name, index + 1);
          size += job.size;
          isMore = true;
        }
      }
      const remove = () => {
        for (const [name, count] of taken) removeFrom(name, count);
      };
      return { batch, edits: size, lanes: lanes.size, remove };
    },
    removeExpired(now: number): readonly Job<Work>[] {
      return [...lanes].flatMap(([name, lane]) => {
        const first = lane.jobs.findIndex((job) => job.deadline > now);
        return removeFrom(name, first < 0 ? lane.jobs.length : first);
      });
    },
  };
}
