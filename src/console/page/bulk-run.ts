import { AskError, ask } from './ask.ts';
import { selectionOf } from './flats-filter.ts';
import { type Patch, patchFields } from './lines.ts';
import { type FlatRowFragment, type IntercomFlatFilter, UpdateFlats, UpdateWhere } from './operations.ts';

const MAX_ATTEMPTS = 5;
const WAIT_MS = 2_000;

export interface Refused {
  readonly row: FlatRowFragment;
  readonly message: string;
}

export interface Outcome {
  readonly matched: number;
  readonly changed: number;
  /** It ended before all flats were looked at. */
  readonly isStopped: boolean;
  readonly refused: readonly Refused[];
  /** What it changed, as the ids of change sets: one for each attempt. */
  readonly changeSets: readonly string[];
}

/** Changes flats that are on the screen, each only if nobody else has changed it since. */
export async function runRows(
  rows: readonly FlatRowFragment[],
  patch: Patch,
  reason: string,
  signal: AbortSignal,
): Promise<Outcome> {
  const updates = rows.map(({ flatId, version }) => ({
    flatId,
    expectedVersion: version,
    reason,
    ...patchFields(patch),
  }));
  const { updateIntercomFlats: results } = await ask(UpdateFlats, { updates }, signal);
  const refused: Refused[] = [];
  const changeSets = new Set<string>();
  let changed = 0;
  for (const [index, row] of rows.entries()) {
    const result = results[index];
    if (result?.__typename === 'UpdateIntercomFlatSuccess') {
      if (!result.change) continue;
      changed++;
      changeSets.add(result.change.changeSet);
    } else refused.push({ row, message: result?.message ?? '' });
  }
  return { matched: rows.length, changed, isStopped: false, refused, changeSets: [...changeSets] };
}

/**
 * Changes all flats that match. A connection that is cut is no failure: what was changed stays, and the same call again
 * does the rest.
 */
export async function runWhere(
  filter: IntercomFlatFilter,
  patch: Patch,
  reason: string,
  signal: AbortSignal,
): Promise<Outcome> {
  const input = { ...selectionOf(filter), ...patchFields(patch), reason };
  for (let attempt = 1; ; attempt++) {
    try {
      const { updateIntercomFlatsWhere: answer } = await ask(UpdateWhere, { input }, signal);
      if (answer.__typename === 'ValidationError') throw new AskError('other', answer.message);
      const { matched, changed, stoppedBy, changeSet } = answer;
      const changeSets = changeSet === null ? [] : [changeSet];
      return { matched, changed, isStopped: stoppedBy !== null, refused: [], changeSets };
    } catch (error) {
      const isPassing = error instanceof AskError && (error.kind === 'offline' || error.kind === 'busy');
      if (!isPassing || attempt === MAX_ATTEMPTS) throw error;
      await pause(error.retryAfterMs ?? WAIT_MS, signal);
    }
  }
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, ms));
  signal.throwIfAborted();
}
