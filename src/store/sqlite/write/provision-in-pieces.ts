import { sizeOf } from '../../../domain/flat-range.ts';
import type { FlatRange } from '../../../domain/intercom.ts';
import type { FlatsInUse, Invalid } from '../../../domain/refusal.ts';
import type { Provisioned, Refused, Writes } from '../../store.ts';
import type { Commits, Work } from '../commit/transactions.ts';
import type { HiddenFlats } from './hidden-flats.ts';
import type { Preparation, Provisioning } from './provision-intercom.ts';

// An intercom of thousands of flats takes several commits, between which others write. Nobody sees any of it before the last
// one, and what is deleted is gone for all with the first one. Hidden flats that nobody waits for are swept afterwards, or
// when the service starts again.

const LANE = 'provisioning';
/** The weight of flats in a commit, in updates: inserted or deleted by one statement, each takes a fifth of an update's time. */
const weigh = (flats: number): number => Math.ceil(flats / 5);

type Outcome = Provisioned | Refused<Invalid | FlatsInUse>;
type Apply<Done> = (now: number, prepared?: Preparation) => Done;

export interface Provisioner extends Pick<Writes, 'addIntercom' | 'amendIntercom'> {
  /** Deletes what a service that ended has left hidden. */
  sweepLeftovers(): void;
  /** Lets calls end, and stops sweeping. */
  close(): Promise<void>;
}

export function createProvisioner(
  provisioning: Provisioning,
  hidden: HiddenFlats,
  commits: Commits,
  flatsPerCommit: number,
): Provisioner {
  const calls = new Set<Promise<unknown>>();
  let sweeping = Promise.resolve();
  let isClosing = false;

  const write = <T>(flats: number, work: Work<T>): Promise<T> => commits.write(LANE, weigh(flats), work);

  async function sweep(): Promise<void> {
    try {
      while (!isClosing && hidden.hasDoomed()) await write(flatsPerCommit, () => hidden.sweep(flatsPerCommit));
    } catch {
      // They stay hidden; a later call or start sweeps them.
    }
  }

  /** Makes what is prepared, piece by piece, and applies the whole by the last commit. */
  async function provisionLarge<Done extends Outcome>(prepared: Preparation, apply: Apply<Done>): Promise<Done> {
    const giveUp = () => hidden.giveUp(prepared.intercomId);
    try {
      for (const piece of inPieces(prepared.ranges, flatsPerCommit)) {
        await write(sizeOf(piece), (now) => provisioning.fill(prepared, piece, now));
      }
      return await write(1, (now) => {
        const outcome = apply(now, prepared);
        if (outcome.kind === 'refused') giveUp();
        return outcome;
      });
    } catch (error) {
      // Where this fails as well, the next start does it.
      await write(1, giveUp).catch(() => {});
      throw error;
    }
  }

  async function provision<Done extends Outcome>(
    flats: number,
    prepare: () => Preparation | Done | undefined,
    apply: Apply<Done>,
  ): Promise<Done> {
    // Calls must not hide flats faster than these are deleted.
    await sweeping;
    const begun = await write(flats, (now) => prepare() ?? apply(now));
    return begun.kind === 'prepared' ? provisionLarge(begun, apply) : begun;
  }

  async function run<Done extends Outcome>(call: Promise<Done>): Promise<Done> {
    calls.add(call);
    try {
      return await call;
    } finally {
      calls.delete(call);
      sweeping = sweeping.then(sweep);
    }
  }

  return {
    addIntercom: (origin, draft) =>
      run(
        provision(
          Math.min(sizeOf(draft.range), flatsPerCommit),
          () => provisioning.prepareNew(draft),
          (now, prepared) => provisioning.add(origin, draft, prepared, now),
        ),
      ),
    amendIntercom: (origin, amendment) =>
      run(
        provision(
          flatsPerCommit,
          () => provisioning.prepare(amendment),
          (now, prepared) => provisioning.amend(origin, amendment, prepared, now),
        ),
      ),
    sweepLeftovers() {
      if (hidden.isEmpty()) return;
      sweeping = write(1, () => hidden.giveUp()).then(sweep, () => {});
    },
    async close() {
      isClosing = true;
      await Promise.allSettled(calls);
      await sweeping;
    },
  };
}

/** The numbers of ranges, as ranges of at most `size`. */
function inPieces(ranges: readonly FlatRange[], size: number): readonly FlatRange[] {
  const pieces: FlatRange[] = [];
  for (const { from, to } of ranges) {
    for (let first = from; first <= to; first += size) pieces.push({ from: first, to: Math.min(first + size - 1, to) });
  }
  return pieces;
}
