import type { FlatRow } from '../../src/domain/import-row.ts';

/** Two entrances of Garden Street with flats 101 to 130, and one house of Sadovaya; nothing rings in flat 117. */
export const HOUSES: readonly FlatRow[] = [
  { intercomId: 1, intercomTitle: '12 Garden Street, entrance 1' },
  { intercomId: 2, intercomTitle: '12 Garden Street, entrance 2' },
  { intercomId: 3, intercomTitle: 'Садовая 11' },
].flatMap((house) =>
  Array.from({ length: 30 }, (_, i) => ({
    ...house,
    flat: 101 + i,
    lines:
      house.intercomId === 1 && i === 16
        ? { smartphoneSip: false, landlineSip: false, analog: false }
        : { landlineSip: i % 3 !== 0, analog: i % 2 === 0 },
    keys: [`KEY-${house.intercomId}-${101 + i}`],
    users: [`resident-${house.intercomId}-${101 + i}`],
  })),
);
