import { rmSync, writeFileSync } from 'node:fs';
import { openStore } from '../../src/store/open.ts';
import { randomOf } from '../fuzz/random.ts';
import { disagreements } from '../soak/agreement.ts';
import { rows } from '../support/rows.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { type Disk, FATES, type Fate, moments } from './disks.ts';
import { FLATS, type Recording, recordLoad } from './record.ts';

export interface PowerLossOptions {
  readonly seed: number;
  readonly updates: number;
  readonly disks: number;
  /** With `synchronous=NORMAL`: shows that losses are found. */
  readonly unsafe?: boolean;
  readonly onDisk?: (disk: number) => void;
}

export interface PowerLossReport {
  readonly acknowledged: number;
  readonly disks: Readonly<Record<Fate, number>>;
  /** What was acknowledged and is not there, and what does not agree. */
  readonly losses: readonly string[];
}

/**
 * Records what the server does to its files under load, makes disks as they may be when the power is lost at many moments
 * of that, opens each with the service's own store, and looks for every change that was acknowledged before.
 */
export async function powerLoss({
  seed,
  updates,
  disks,
  unsafe = false,
  onDisk,
}: PowerLossOptions): Promise<PowerLossReport> {
  await using folder = await tempFolder();
  const recording = await recordLoad(folder, { updates, unsafe });
  const { operations, acknowledged } = recording;
  const ends = randomOf(seed, 0)
    .times(disks, (i) => [i, randomOf(seed, i + 1).between(1, operations.length)] as const)
    .sort(([, a], [, b]) => a - b);
  const played = moments(operations);
  const counts = Object.fromEntries(FATES.map((fate) => [fate, 0])) as Record<Fate, number>;
  const losses: string[] = [];
  for (const [place, [index, end]] of ends.entries()) {
    played.goTo(end);
    const fate = FATES[index % FATES.length] as Fate;
    const disk = played.diskAfter(fate, randomOf(seed, -1 - index));
    const found = await faultsOf(folder.file('disk.db'), disk, recording, operations[end - 1]?.end ?? 0);
    losses.push(...found.map((it) => `seed ${seed}, disk ${index}, ${fate} after ${end} operations: ${it}`));
    counts[fate]++;
    onDisk?.(place + 1);
  }
  return { acknowledged: acknowledged.length, disks: counts, losses };
}

async function faultsOf(
  file: string,
  disk: Disk,
  { acknowledged, filledAt }: Recording,
  at: number,
): Promise<string[]> {
  for (const [i, suffix] of ['', '-wal', '-journal', '-shm'].entries()) {
    const content = disk[i];
    rmSync(file + suffix, { force: true });
    if (content) writeFileSync(file + suffix, content);
  }
  try {
    await using store = openStore({ file });
    await store.changesHead();
  } catch (error) {
    return [`it cannot be opened: ${error instanceof Error ? error.message : error}`];
  }
  const versions = new Map<number, number>();
  for (const it of acknowledged) {
    if (it.at <= at) versions.set(it.flatId, Math.max(it.version, versions.get(it.flatId) ?? 0));
  }
  const [{ flats }] = rows(file, 'select count(*) as flats from flats') as [{ flats: number }];
  const whole = JSON.stringify(rows(file, 'pragma integrity_check'));
  return [
    ...(flats === FLATS || (flats === 0 && at < filledAt) ? [] : [`there are ${flats} flats`]),
    ...(whole === '[{"integrity_check":"ok"}]' ? [] : [`it is damaged: ${whole}`]),
    ...disagreements(file, versions),
  ];
}
