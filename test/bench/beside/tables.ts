import { median, table, whole } from '../table.ts';
import type { Heavy } from './heavy.ts';
import type { Figures } from './measure.ts';

/** For the event loop of the main thread: its delay at p99, in milliseconds. */
const LOOP_TARGET_MS = 5;

/** A row, with the figures of each side: before and after, or this one alone. */
export interface Row {
  readonly heavy: Heavy;
  readonly sides: readonly Figures[];
}

const ms = (value: number): string => value.toFixed(value < 100 ? 1 : 0);

/** A figure; where the machine alone misses the target, its ratio to the machine's as well. */
const withFloor = (value: number, target: number | undefined, floor: number): string =>
  target === undefined || floor <= target ? ms(value) : `${ms(value)} (${(value / floor).toFixed(1)} x floor)`;

export function latencyTable(rows: readonly Row[], floors: readonly Figures[]): string {
  const floorOf = (of: (it: Figures) => number) => median(floors.map(of));
  const p99Floor = floorOf((it) => it.p99);
  const loopFloor = floorOf((it) => it.loopDelayP99);
  const cellsOf = ({ heavy: { title, targetMs }, sides }: Row) => {
    const each = (of: (it: Figures) => string) => sides.map(of).join(' / ');
    const last = sides.at(-1) as Figures;
    // Nothing was beside them when a heavy caller got nothing done: that meets no target.
    const met = last.done !== 0 && last.p99 <= (targetMs ?? 0) && last.loopDelayP99 <= LOOP_TARGET_MS;
    return [
      title,
      each((it) => ms(it.p50)),
      each((it) => withFloor(it.p99, targetMs, p99Floor)),
      targetMs === undefined ? '' : `<= ${targetMs}`,
      each((it) => ms(it.max)),
      each((it) => withFloor(it.loopDelayP99, LOOP_TARGET_MS, loopFloor)),
      targetMs === undefined ? '' : met ? 'yes' : 'no',
      each((it) => (it.done === undefined ? '' : whole(it.done))).replace(/^ \/ $/, ''),
    ];
  };
  const machine = floors.map((it, i) => cellsOf({ heavy: floorAt(i), sides: [it] }));
  return table(
    ['PATCH beside', 'p50 ms', 'p99 ms', 'target', 'max ms', `loop p99 ms (<= ${LOOP_TARGET_MS})`, 'met', 'calls'],
    [...machine.slice(0, 1), ...rows.map(cellsOf), ...machine.slice(1)],
  );
}

const floorAt = (index: number): Heavy => ({
  key: 'floor',
  title: `idle node:http, at the ${index === 0 ? 'start' : 'end'}`,
});

/** What the server's process used: CPU, by thread, and memory. */
export function useTable(rows: readonly Row[], floors: readonly Figures[], seconds: number): string {
  const percent = (milliseconds: number) => Math.round(milliseconds / (seconds * 10));
  const cellsOf = ({ heavy, sides }: Row) => {
    const each = (of: (it: Figures) => string) => sides.map(of).join(' / ');
    return [
      heavy.title,
      each((it) => whole((1_000 * allMs(it)) / it.counted)),
      each((it) => String(percent(it.cpu.mainMs))),
      each(
        (it) =>
          [...it.cpu.othersMs]
            .map(([name, used]) => [name, percent(used)] as const)
            .filter(([, used]) => used > 0)
            .toSorted(([, a], [, b]) => b - a)
            .map(([name, used]) => `${name} ${used}`)
            .join(', ') || '-',
      ),
      each((it) => whole(it.memory.now)),
      each((it) => whole(it.memory.peak)),
    ];
  };
  return table(
    ['server process', 'CPU us / PATCH', 'main thread %', 'other threads %', 'MB', 'MB at peak'],
    [...floors.slice(0, 1).map((it, i) => ({ heavy: floorAt(i), sides: [it] })), ...rows].map(cellsOf),
  );
}

const allMs = ({ cpu }: Figures): number => cpu.mainMs + [...cpu.othersMs.values()].reduce((sum, it) => sum + it, 0);
