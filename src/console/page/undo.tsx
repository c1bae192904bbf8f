import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { AskError, ask } from './ask.ts';
import { Confirm } from './confirm.tsx';
import { dateTime, texts } from './locale.ts';
import { type UndoMutation, Undo as UndoOperation } from './operations.ts';
import { Problem, toAskError } from './problem.tsx';
import { href } from './route.ts';
import { mayWrite } from './session.ts';
import { useAskBeforeLeaving } from './use-ask-before-leaving.ts';

type Answer = Extract<UndoMutation['undoChanges'], { __typename: 'UndoChangesSuccess' }>;

/** What an undo would do, or has done, in all of its change sets. */
interface Sum extends Pick<Answer, 'changed' | 'leftSilent' | 'changedSince' | 'gone' | 'notUndoable'> {
  readonly by: Answer['changedBy'][number] | undefined;
  readonly isStopped: boolean;
  /** The change sets that it is itself. */
  readonly own: readonly string[];
}

const NONE: Sum = {
  ...{ changed: 0, leftSilent: 0, changedSince: 0, gone: 0, notUndoable: 0 },
  ...{ by: undefined, isStopped: false, own: [] },
};

const added = (sum: Sum, answer: Answer): Sum => ({
  changed: sum.changed + answer.changed,
  leftSilent: sum.leftSilent + answer.leftSilent,
  changedSince: sum.changedSince + answer.changedSince,
  gone: sum.gone + answer.gone,
  notUndoable: sum.notUndoable + answer.notUndoable,
  by: sum.by ?? answer.changedBy[0],
  isStopped: sum.isStopped || answer.stoppedBy !== null,
  own: answer.changeSet === null ? sum.own : [...sum.own, answer.changeSet],
});

interface UndoProps {
  /** The oldest first. */
  readonly changeSets: readonly string[];
  readonly onDone: () => void;
}

/** Takes change sets back: a preview, a confirmation, the outcome. */
export function Undo({ changeSets, onDone }: UndoProps) {
  const { undo, bulk, details } = texts.value;
  const preview = useSignal<Sum | undefined>(undefined);
  const outcome = useSignal<Sum | undefined>(undefined);
  const problem = useSignal<AskError | undefined>(undefined);
  const running = useSignal<AbortController | undefined>(undefined);
  const isChanging = useSignal(false);
  useEffect(() => () => running.peek()?.abort(), [running]);
  useAskBeforeLeaving(isChanging.value);

  async function run(dryRun: boolean): Promise<void> {
    const leaving = new AbortController();
    running.value = leaving;
    isChanging.value = !dryRun;
    preview.value = undefined;
    problem.value = undefined;
    let sum = NONE;
    try {
      for (const changeSet of changeSets.toReversed()) {
        const input = { changeSet, reason: details.undoReason, dryRun };
        const { undoChanges: answer } = await ask(UndoOperation, { input }, leaving.signal);
        if (answer.__typename === 'ValidationError') throw new AskError('other', answer.message);
        sum = added(sum, answer);
      }
    } catch (error) {
      if (!leaving.signal.aborted) problem.value = toAskError(error);
      sum = { ...sum, isStopped: true };
    }
    running.value = undefined;
    isChanging.value = false;
    if (!dryRun) {
      outcome.value = sum;
      onDone();
    } else if (!sum.isStopped) preview.value = sum;
  }

  if (!mayWrite() || changeSets.length === 0) return null;
  const isOver = outcome.value !== undefined && !outcome.value.isStopped;
  return (
    <section class="undo" aria-label={undo.title}>
      {running.value && (
        <p class="buttons" role="status">
          {undo.running}
          <button type="button" onClick={() => running.value?.abort()}>
            {bulk.stop}
          </button>
        </p>
      )}
      {!running.value && !preview.value && !isOver && (
        <p class="buttons">
          <button type="button" onClick={() => run(true)}>
            {undo.button}
          </button>
        </p>
      )}
      {problem.value && <Problem error={problem.value} />}
      {preview.value && (
        <div role="status">
          <p>
            <b>{undo.would(preview.value.changed)}</b>
          </p>
          <LeftAlone sum={preview.value} />
          {preview.value.leftSilent > 0 && <p class="note bad">{bulk.silent(preview.value.leftSilent)}</p>}
          {preview.value.changed > 0 && (
            <Confirm
              changed={preview.value.changed}
              silent={preview.value.leftSilent}
              label={undo.confirm(preview.value.changed)}
              isReady
              onConfirm={() => run(false)}
            />
          )}
        </div>
      )}
      {outcome.value && !running.value && !preview.value && (
        <div class={outcome.value.isStopped ? 'note' : 'note good'} role="status">
          <p>
            {outcome.value.isStopped ? undo.stopped : undo.done(outcome.value.changed)}{' '}
            {outcome.value.own.map((it) => (
              <a key={it} href={href(['history', it])}>
                {bulk.inHistory}
              </a>
            ))}
          </p>
          <LeftAlone sum={outcome.value} />
        </div>
      )}
    </section>
  );
}

/** What is not taken back, and why. */
function LeftAlone({ sum: { changedSince, by, gone, notUndoable } }: { sum: Sum }) {
  const { undo } = texts.value;
  return (
    <>
      {changedSince > 0 && (
        <p>
          {undo.leftAlone(changedSince)}
          {by && (
            <>
              {' '}
              <a href={href(['intercoms', by.intercomId, by.flat])}>
                {undo.since(by.actor, dateTime(by.changedAt), by.flat)}
              </a>
            </>
          )}
        </p>
      )}
      {gone > 0 && <p>{undo.gone(gone)}</p>}
      {notUndoable > 0 && <p>{undo.notUndoable(notUndoable)}</p>}
    </>
  );
}
