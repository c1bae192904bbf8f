import type { LinesChange, Origin } from '../../../domain/change.ts';
import type { Flat, Found } from '../../../domain/flat.ts';
import { LINE_STATES, type Lines } from '../../../domain/lines.ts';
import { decideUpdate, type Update } from '../../../domain/update-flat.ts';
import type { CallSet } from '../../change-set.ts';
import type { Result } from '../../group-commit.ts';
import { maskOf } from '../../rows.ts';
import type { Outcome } from '../../store.ts';
import type { RunDraft } from './head.ts';
import type { LockedFlats } from './lock-flats.ts';
import type { Mark } from './writer.ts';

/** The updates of one call, or of a piece of it. */
export interface Edits {
  readonly origin: Origin;
  readonly updates: readonly Update[];
  /** Whether all of them are refused when one is. */
  readonly atomic: boolean;
  readonly call: CallSet;
}

/** What a batch writes, and what its callers get. */
export interface DecidedBatch {
  /** Each flat that changes, as the batch leaves it. */
  readonly flats: readonly Flat[];
  /** Every step, in order. */
  readonly changes: readonly LinesChange[];
  /** The steps that join others in a change set. */
  readonly runs: readonly RunDraft[];
  /** By how much the number of flats in each state of the lines grows. */
  readonly deltas: readonly number[];
  /** The results for the calls, once the log has given the batch its place and time. */
  results(mark: Mark): readonly Result[];
}

/** What is not known before the log's head is locked. */
type Draft<T> = { -readonly [K in keyof T]: T[K] };

/**
 * Decides on all calls of a batch, each on the flats as those before it have left them. Pure: it may run again. A decision that
 * throws drops what its call has decided, and fails only that. `now` is for flats that a refusal shows and nothing stores.
 */
export function decideBatch(calls: readonly Edits[], locked: LockedFlats, now: number): DecidedBatch {
  const flats = new Map<number, Draft<Flat>>();
  const drafts: Draft<Flat>[] = [];
  const changes: Draft<LinesChange>[] = [];
  /** The steps of each call, numbered from 1 as in the log, and the first one of its change set. */
  const steps: { readonly call: CallSet; readonly first: number; readonly last: number; readonly start: number }[] = [];

  function addSteps(call: CallSet, ownChanges: readonly Draft<LinesChange>[]): void {
    if (ownChanges.length === 0) return;
    const first = changes.length + 1;
    changes.push(...ownChanges);
    const start = steps.find((it) => it.call === call)?.start ?? first;
    steps.push({ call, first, last: changes.length, start });
  }

  function decideCall({ origin, updates, atomic, call }: Edits): Result {
    const ownFlats = new Map<number, Draft<Flat>>();
    const ownDrafts: Draft<Flat>[] = [];
    const ownChanges: Draft<LinesChange>[] = [];

    function find(update: Update): Found {
      const found = locked.find(update.ref);
      if (found.kind !== 'flat') return found;
      const { id } = found.flat;
      return { kind: 'flat', flat: ownFlats.get(id) ?? flats.get(id) ?? found.flat };
    }

    function decide(update: Update): Outcome {
      const decision = decideUpdate(update, find(update));
      if (decision.kind === 'refuse') return { kind: 'refused', refusal: decision.refusal };
      if (decision.kind === 'keep') return { kind: 'kept', flat: decision.flat };
      const { flat: before, lines, reason } = decision;
      const flat: Draft<Flat> = { ...before, lines, version: before.version + 1 };
      const { id: flatId, intercomId, flat: number } = flat;
      const change: Draft<LinesChange> = {
        ...{
          kind: 'LINES_SET',
          seq: 0,
          changedAt: 0,
          actor: origin.actor,
          channel: origin.channel,
          reason,
          changeSet: 0,
        },
        ...{ flatId, intercomId, flat: number, before: before.lines, after: lines },
      };
      ownFlats.set(flatId, flat);
      ownDrafts.push(flat);
      ownChanges.push(change);
      return { kind: 'written', flat, change };
    }

    const outcomes = updates.map(decide);
    // Every update is decided, so that one answer holds every refusal.
    if (atomic && outcomes.some((it) => it.kind === 'refused')) {
      for (const flat of ownDrafts) flat.updatedAt = now;
      return { value: outcomes.map((it): Outcome => (it.kind === 'refused' ? it : { kind: 'notApplied' })) };
    }
    for (const [id, flat] of ownFlats) flats.set(id, flat);
    drafts.push(...ownDrafts);
    addSteps(call, ownChanges);
    return { value: outcomes };
  }

  const results = calls.map((call): Result => {
    try {
      return decideCall(call);
    } catch (error) {
      return { error };
    }
  });
  return {
    flats: [...flats.values()],
    changes,
    runs: steps.flatMap(({ call, first, last, start }) => {
      const isAlone = call.id === undefined && start === first && last === first;
      return isAlone ? [] : [{ first, last, start, changeSet: call.id ?? null }];
    }),
    deltas: deltasOf(changes),
    results({ base, at }) {
      for (const flat of drafts) flat.updatedAt = at;
      changes.forEach((change, index) => {
        change.seq = base + index + 1;
        change.changedAt = at;
      });
      for (const { call, first, last, start } of steps) {
        call.id ??= base + start;
        for (const change of changes.slice(first - 1, last)) change.changeSet = call.id;
      }
      return results;
    },
  };
}

function deltasOf(changes: readonly { readonly before: Lines; readonly after: Lines }[]): readonly number[] {
  const deltas = LINE_STATES.map(() => 0);
  const count = (lines: Lines, by: number) => {
    const mask = maskOf(lines);
    deltas[mask] = (deltas[mask] as number) + by;
  };
  for (const { before, after } of changes) {
    count(before, -1);
    count(after, 1);
  }
  return deltas;
}
