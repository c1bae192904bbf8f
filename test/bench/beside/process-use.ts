import { readdirSync, readFileSync } from 'node:fs';

/** The CPU that a process has used, in milliseconds: of all its threads by id, with their names. */
export type CpuTimes = ReadonlyMap<string, { readonly name: string; readonly ms: number }>;

export function cpuTimes(pid: number): CpuTimes {
  const times = new Map<string, { name: string; ms: number }>();
  for (const id of readdirSync(`/proc/${pid}/task`)) {
    try {
      const [nanoseconds] = readFileSync(`/proc/${pid}/task/${id}/schedstat`, 'utf8').split(' ');
      const name = readFileSync(`/proc/${pid}/task/${id}/comm`, 'utf8').trim();
      times.set(id, { name, ms: Number(nanoseconds) / 1e6 });
    } catch {
      // A thread may end meanwhile.
    }
  }
  return times;
}

/** The CPU between two moments: of the main thread, and of the others by name. */
export interface CpuUse {
  readonly mainMs: number;
  readonly othersMs: ReadonlyMap<string, number>;
}

export function cpuUse(pid: number, before: CpuTimes, after: CpuTimes): CpuUse {
  let mainMs = 0;
  const othersMs = new Map<string, number>();
  for (const [id, { name, ms }] of after) {
    const used = ms - (before.get(id)?.ms ?? 0);
    if (id === String(pid)) mainMs = used;
    else othersMs.set(name, (othersMs.get(name) ?? 0) + used);
  }
  return { mainMs, othersMs };
}

/** Resident memory now and at its peak, in megabytes. */
export function memoryMb(pid: number): { readonly now: number; readonly peak: number } {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const megabytes = (name: string) => Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1]) / 1_024;
  return { now: megabytes('VmRSS'), peak: megabytes('VmHWM') };
}
