import { signal } from '@preact/signals';
import { isSame } from './lines.ts';
import type { CellFragment, ChangeRowFragment } from './operations.ts';

export interface HouseFlat extends CellFragment {
  /** Who changed it while the page was open. */
  readonly changedBy?: string;
}

/** The flats of a house as the page knows them: what was read, and what came by the feed since. */
export function createHouseFlats() {
  const flats = signal<ReadonlyMap<string, HouseFlat>>(new Map());
  let arrived: ChangeRowFragment[] = [];

  function applyArrived(): void {
    const next = new Map(flats.value);
    for (const { flatId, after, actor } of arrived) {
      const flat = next.get(flatId);
      // What was read, or saved here, may be newer than the place from which the feed began.
      if (!flat || isSame(flat.properties, after)) continue;
      next.set(flatId, { ...flat, properties: after, version: flat.version + 1, changedBy: actor });
    }
    arrived = [];
    flats.value = next;
  }

  return {
    flats,
    put(...some: readonly CellFragment[]): void {
      const next = new Map(flats.value);
      for (const it of some) next.set(it.flatId, it);
      flats.value = next;
    },
    /** Changes are shown together, once a frame: a change of the whole house may bring thousands. */
    change(row: ChangeRowFragment): void {
      if (arrived.push(row) === 1) requestAnimationFrame(applyArrived);
    },
  };
}

export type HouseFlats = ReturnType<typeof createHouseFlats>;
