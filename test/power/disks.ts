import type { Random } from '../fuzz/random.ts';
import type { Operation } from './record.ts';

/** The part of a write that a disk does as a whole, in bytes. */
const SECTOR = 512;

/** What a disk has kept of the three files; absent is a file that is not there. */
export type Disk = readonly (Buffer | undefined)[];

/** What may happen to writes that no sync has followed. */
export const FATES = ['kept', 'dropped', 'cut', 'torn', 'reordered'] as const;
export type Fate = (typeof FATES)[number];

type Write = Extract<Operation, { kind: 'write' }>;
type Pending = Write | Extract<Operation, { kind: 'truncate' }> | { readonly kind: 'unlink' };

/** A file as it is on the disk for certain, and what was done to it since. */
interface File {
  durable: Buffer | undefined;
  pending: Pending[];
}

export interface Moments {
  /** Goes on to the moment after so many operations. */
  goTo(operations: number): void;
  /** A disk on which the power was lost at this moment. */
  diskAfter(fate: Fate, random: Random): Disk;
}

/** Plays a record back; moments only go forward. */
export function moments(operations: readonly Operation[]): Moments {
  const files: File[] = [0, 1, 2].map(() => ({ durable: undefined, pending: [] }));
  let done = 0;
  return {
    goTo(end) {
      for (; done < end; done++) {
        const operation = operations[done] as Operation;
        const file = files[operation.file];
        if (!file) for (const it of files) forget(it);
        else if (operation.kind === 'sync') {
          file.durable = apply(file.durable ?? Buffer.alloc(0), file.pending);
          file.pending = [];
        } else file.pending.push(operation);
      }
    },
    diskAfter: (fate, random) => files.map((it) => fileAfter(fate, it, random)),
  };
}

/** The folder was synced: a file that was deleted does not come back. */
function forget(file: File): void {
  const deleted = file.pending.findLastIndex(({ kind }) => kind === 'unlink');
  if (deleted < 0) return;
  file.durable = undefined;
  file.pending = file.pending.slice(deleted + 1);
}

/** A deleted file may be there again, or another one of its name; what was written to one is not in the other. */
function fileAfter(fate: Fate, { durable, pending }: File, random: Random): Buffer | undefined {
  const deletions = pending.flatMap(({ kind }, i) => (kind === 'unlink' ? [i] : []));
  const life = fate === 'kept' ? deletions.length : fate === 'dropped' ? 0 : random.below(deletions.length + 1);
  const own = pending.slice(life === 0 ? 0 : (deletions[life - 1] as number) + 1, deletions[life]);
  return apply(life === 0 ? durable : undefined, after(fate, own, random));
}

function after(fate: Fate, pending: readonly Pending[], random: Random): readonly Pending[] {
  switch (fate) {
    case 'kept':
      return pending;
    case 'dropped':
      return [];
    case 'cut': {
      // Up to some write, and that one as far as the disk came.
      const whole = random.below(pending.length + 1);
      const next = pending[whole];
      if (next?.kind !== 'write') return pending.slice(0, whole);
      const sectors = random.below(Math.ceil(next.bytes.length / SECTOR));
      return [...pending.slice(0, whole), { ...next, bytes: next.bytes.subarray(0, sectors * SECTOR) }];
    }
    case 'torn':
      return pending.flatMap((it) => (it.kind === 'write' ? sectorsOf(it) : [it])).filter(() => random.chance(0.5));
    case 'reordered':
      return shuffled(
        pending.filter(() => random.chance(0.7)),
        random,
      );
  }
}

function sectorsOf(write: Write): Pending[] {
  const { bytes, offset } = write;
  return Array.from({ length: Math.ceil(bytes.length / SECTOR) }, (_, i) => ({
    ...write,
    offset: offset + i * SECTOR,
    bytes: bytes.subarray(i * SECTOR, (i + 1) * SECTOR),
  }));
}

function shuffled<T>(items: readonly T[], random: Random): T[] {
  const result = [...items];
  for (let i = result.length - 1; i > 0; i--) {
    const j = random.below(i + 1);
    [result[i], result[j]] = [result[j] as T, result[i] as T];
  }
  return result;
}

function apply(before: Buffer | undefined, operations: readonly Pending[]): Buffer | undefined {
  if (operations.length === 0) return before;
  const end = operations.reduce((most, it) => Math.max(most, it.kind === 'write' ? it.offset + it.bytes.length : 0), 0);
  const room = Buffer.alloc(Math.max(before?.length ?? 0, end));
  before?.copy(room);
  let length = before?.length;
  for (const it of operations) {
    if (it.kind === 'unlink') {
      room.fill(0);
      length = undefined;
    } else if (it.kind === 'truncate') {
      room.fill(0, it.length);
      length = Math.min(it.length, room.length);
    } else {
      it.bytes.copy(room, it.offset);
      length = Math.max(length ?? 0, it.offset + it.bytes.length);
    }
  }
  return length === undefined ? undefined : room.subarray(0, length);
}
