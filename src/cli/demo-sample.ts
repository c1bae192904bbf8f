import type { ParsedRow } from '../domain/import-row.ts';
import type { LinesPatch } from '../domain/lines.ts';
import { importFlats } from '../operations/import-flats.ts';
import { updateFlats } from '../operations/update-flat.ts';
import type { Store } from '../store/store.ts';

interface House {
  readonly title: string;
  readonly from: number;
  readonly to: number;
}

/** The houses by their ids, from 1 on. */
const HOUSES: readonly House[] = [
  { title: '12 Garden Street, entrance 1', from: 1, to: 40 },
  { title: '12 Garden Street, entrance 2', from: 41, to: 80 },
  { title: '12 Garden Street, entrance 3', from: 81, to: 120 },
  { title: '5 Station Road', from: 1, to: 60 },
  { title: '7 Station Road', from: 1, to: 60 },
  { title: 'Садовая 11, подъезд 1', from: 1, to: 60 },
  { title: 'Садовая 11, подъезд 2', from: 61, to: 120 },
  { title: '3 Market Square', from: 1, to: 48 },
  { title: '1 Harbour Lane', from: 1, to: 36 },
  { title: '2 Harbour Lane', from: 1, to: 36 },
  { title: 'Лесная 4', from: 1, to: 72 },
  { title: 'Лесная 6', from: 1, to: 72 },
];

/** Flats without lines of their own, so that a second demo keeps what was changed in the first. */
async function* sampleRows(): AsyncGenerator<readonly ParsedRow[]> {
  let line = 0;
  for (const [index, { title, from, to }] of HOUSES.entries()) {
    const rows: ParsedRow[] = [];
    for (let flat = from; flat <= to; flat++) {
      const key = 1_001 + 2 * line++;
      rows.push({
        line,
        row: {
          intercomId: index + 1,
          intercomTitle: title,
          flat,
          lines: {},
          keys: [`KEY-${key}`, `KEY-${key + 1}`],
          users: [`resident${line}`],
        },
      });
    }
    yield rows;
  }
}

export const importSample = (store: Store) =>
  importFlats(store, { actor: 'local', channel: 'CLI' }, sampleRows(), () => {});

/** What one person or system did: the same to each of its flats. */
interface Act {
  readonly hoursAgo: number;
  readonly actor: string;
  readonly channel: 'REST' | 'GRAPHQL';
  readonly intercomId: number;
  readonly flats: readonly number[];
  readonly lines: LinesPatch;
  readonly reason?: string;
}

const every = (step: number, from: number, to: number): number[] =>
  Array.from({ length: Math.floor((to - from) / step) + 1 }, (_, i) => from + i * step);

/** The last day of the sample: the month's billing, complaints, and a flat in which nothing rings any more. */
const ACTS: readonly Act[] = [
  { hoursAgo: 22, actor: 'billing', channel: 'REST', intercomId: 8, flats: every(1, 1, 48), lines: { analog: false } },
  {
    hoursAgo: 19,
    actor: 'billing',
    channel: 'REST',
    intercomId: 4,
    flats: every(4, 1, 60),
    lines: { landlineSip: false },
  },
  {
    hoursAgo: 18,
    actor: 'billing',
    channel: 'REST',
    intercomId: 5,
    flats: every(5, 1, 60),
    lines: { landlineSip: false },
  },
  {
    hoursAgo: 17,
    actor: 'billing',
    channel: 'REST',
    intercomId: 8,
    flats: every(6, 1, 48),
    lines: { landlineSip: false },
  },
  {
    hoursAgo: 16,
    actor: 'billing',
    channel: 'REST',
    intercomId: 11,
    flats: every(2, 1, 72),
    lines: { landlineSip: false },
  },
  {
    hoursAgo: 15,
    actor: 'boris',
    channel: 'GRAPHQL',
    intercomId: 6,
    flats: every(3, 1, 60),
    lines: { analog: false },
    reason: 'handsets taken down',
  },
  {
    hoursAgo: 13,
    actor: 'anna',
    channel: 'GRAPHQL',
    intercomId: 8,
    flats: [1, 7, 13, 25],
    lines: { smartphoneSip: false },
    reason: 'moved out',
  },
  {
    hoursAgo: 12,
    actor: 'anna',
    channel: 'GRAPHQL',
    intercomId: 10,
    flats: [4, 21],
    lines: { smartphoneSip: false, landlineSip: false, analog: false },
    reason: 'empty until spring',
  },
  {
    hoursAgo: 11,
    actor: 'anna',
    channel: 'GRAPHQL',
    intercomId: 4,
    flats: [5, 9, 13],
    lines: { landlineSip: true },
    reason: 'paid',
  },
  {
    hoursAgo: 9,
    actor: 'anna',
    channel: 'GRAPHQL',
    intercomId: 7,
    flats: every(7, 61, 120),
    lines: { smartphoneSip: false },
    reason: 'contract ended',
  },
  {
    hoursAgo: 8,
    actor: 'billing',
    channel: 'REST',
    intercomId: 9,
    flats: every(1, 1, 36),
    lines: { analog: false },
  },
  {
    hoursAgo: 7,
    actor: 'billing',
    channel: 'REST',
    intercomId: 12,
    flats: every(5, 1, 72),
    lines: { smartphoneSip: false },
  },
  {
    hoursAgo: 6,
    actor: 'boris',
    channel: 'GRAPHQL',
    intercomId: 3,
    flats: [117],
    lines: { landlineSip: false, analog: false },
    reason: 'handset broken, landline cancelled',
  },
  {
    hoursAgo: 4,
    actor: 'billing',
    channel: 'REST',
    intercomId: 5,
    flats: every(9, 2, 60),
    lines: { smartphoneSip: false },
  },
  {
    hoursAgo: 2,
    actor: 'anna',
    channel: 'GRAPHQL',
    intercomId: 3,
    flats: [117],
    lines: { smartphoneSip: false },
    reason: 'phone lost',
  },
  { hoursAgo: 1, actor: 'billing', channel: 'REST', intercomId: 5, flats: [6, 11, 16], lines: { landlineSip: true } },
];

const HOUR_MS = 3_600_000;

/** The clock of the sample: `setHoursAgo` sets it back. */
export function createSampleClock() {
  const start = Date.now();
  let hoursAgo = Math.max(...ACTS.map((it) => it.hoursAgo)) + 1;
  return {
    now: () => start - hoursAgo * HOUR_MS,
    setHoursAgo(hours: number): void {
      hoursAgo = hours;
    },
  };
}

/** Writes a day of history, as the doors would. */
export async function actSample(store: Store, { setHoursAgo }: ReturnType<typeof createSampleClock>): Promise<void> {
  for (const { hoursAgo, actor, channel, intercomId, flats, lines, reason } of ACTS) {
    setHoursAgo(hoursAgo);
    const all = { smartphoneSip: undefined, landlineSip: undefined, analog: undefined, ...lines };
    const inputs = flats.map((flat) => ({ intercomId, flat, flatId: undefined, lines: all, reason }));
    await updateFlats(store, { actor, channel }, inputs, { atomic: true });
  }
}
