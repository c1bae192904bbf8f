import { useSignal } from '@preact/signals';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { AskError } from '../ask.ts';
import { type Preview, previewRows, previewWhere } from '../bulk-preview.ts';
import { type Outcome, runRows, runWhere } from '../bulk-run.ts';
import { Confirm } from '../confirm.tsx';
import { LINES, type Line, type Patch } from '../lines.ts';
import { number, texts } from '../locale.ts';
import type { FlatRowFragment, IntercomFlatFilter } from '../operations.ts';
import { type OwnActs, watchActs } from '../own-acts.ts';
import { Bar } from '../pictures/bar.tsx';
import { Problem, toAskError } from '../problem.tsx';
import { href } from '../route.ts';
import { caller } from '../token.ts';
import { Undo } from '../undo.tsx';
import { useAskBeforeLeaving } from '../use-ask-before-leaving.ts';

/** How far it is, is asked soon at first, and then less often. */
const FIRST_PROGRESS_MS = 250;
const PROGRESS_MS = 2_000;

interface BulkProps {
  readonly filter: IntercomFlatFilter;
  /** The flats that were chosen; without them it is about all that match the filter. */
  readonly rows: readonly FlatRowFragment[] | undefined;
  readonly onClose: () => void;
  readonly onDone: () => void;
}

/** Changes many flats: what, a preview of just that, a confirmation, progress, the outcome. */
export function Bulk({ filter, rows: given, onClose, onDone }: BulkProps) {
  const { bulk, lines, on, off, asItIs } = texts.value;
  // The choice is cleared when the change is done, and the outcome stays.
  const [rows] = useState(given);
  const patch = useSignal<Patch>({});
  const reason = useSignal('');
  const preview = useSignal<Preview | undefined>(undefined);
  const isCounting = useSignal(false);
  const running = useSignal<AbortController | undefined>(undefined);
  const progress = useSignal<OwnActs>(NOTHING);
  const outcome = useSignal<Outcome | undefined>(undefined);
  const wasStopped = useSignal(false);
  const isUndone = useSignal(false);
  const isOutdated = useSignal(false);
  const problem = useSignal<AskError | undefined>(undefined);
  const counting = useRef<AbortController>(undefined);
  const title = useRef<HTMLHeadingElement>(null);

  useEffect(() => title.current?.focus(), []);
  // A change stops with its screen.
  useEffect(
    () => () => {
      counting.current?.abort();
      running.peek()?.abort();
    },
    [running],
  );
  useAskBeforeLeaving(running.value !== undefined);

  /** A preview is of just one change: another one needs another. */
  function edit(line: Line, value: string): void {
    const { [line]: _, ...others } = patch.value;
    patch.value = value === '' ? others : { ...others, [line]: value === 'on' };
    const hadPreview = isOutdated.value || isCounting.value || preview.value !== undefined;
    forgetPreview();
    isOutdated.value = hadPreview;
  }
  function forgetPreview(): void {
    counting.current?.abort();
    isCounting.value = false;
    preview.value = undefined;
    outcome.value = undefined;
    progress.value = NOTHING;
    wasStopped.value = false;
    isUndone.value = false;
    isOutdated.value = false;
    problem.value = undefined;
  }

  async function count(): Promise<void> {
    forgetPreview();
    counting.current = new AbortController();
    const { signal } = counting.current;
    isCounting.value = true;
    try {
      const found = rows ? previewRows(rows, patch.value) : await previewWhere(filter, patch.value, signal);
      if (!signal.aborted) preview.value = found;
    } catch (error) {
      if (!signal.aborted) problem.value = toAskError(error);
    }
    if (!signal.aborted) isCounting.value = false;
  }

  async function run(): Promise<void> {
    const leaving = new AbortController();
    const { signal } = leaving;
    running.value = leaving;
    problem.value = undefined;
    outcome.value = undefined;
    wasStopped.value = false;
    isUndone.value = false;
    const before = progress.value;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let readProgress: (() => Promise<OwnActs>) | undefined;
    const showProgress = () =>
      readProgress?.().then(
        ({ done, changeSets }) => {
          progress.value = { done: before.done + done, changeSets: [...before.changeSets, ...changeSets] };
        },
        // The next one may be answered; the change itself reports what fails.
        () => {},
      );
    const watch = (waitMs: number) => {
      timer = setTimeout(() => {
        void showProgress();
        watch(Math.min(2 * waitMs, PROGRESS_MS));
      }, waitMs);
    };
    try {
      if (!rows) {
        readProgress = await watchActs((it) => it.reason === reason.value.trim());
        watch(FIRST_PROGRESS_MS);
      }
      signal.throwIfAborted();
      outcome.value = rows
        ? await runRows(rows, patch.value, reason.value, signal)
        : await runWhere(filter, patch.value, reason.value, signal);
      wasStopped.value = outcome.value.isStopped;
    } catch (error) {
      wasStopped.value = readProgress !== undefined;
      if (!signal.aborted) problem.value = toAskError(error);
    }
    clearTimeout(timer);
    await showProgress();
    running.value = undefined;
    onDone();
  }

  // The answer of a change that was cut off never came: the history has what it did.
  const changeSets = rows ? (outcome.value?.changeSets ?? []) : progress.value.changeSets;
  const isEmpty = LINES.every((it) => patch.value[it] === undefined);
  const isRunning = running.value !== undefined;
  const isOver = outcome.value !== undefined || wasStopped.value;
  return (
    <section class="panel bulk" aria-labelledby="bulk-title">
      <h2 id="bulk-title" tabIndex={-1} ref={title}>
        {bulk.title}
      </h2>
      <p>{rows ? bulk.ofChosen(rows.length) : bulk.ofAll}</p>
      <form
        class="filter"
        onSubmit={(event) => {
          event.preventDefault();
          void count();
        }}
      >
        {LINES.map((line) => (
          <label key={line}>
            {lines[line]}
            <select disabled={isRunning} onChange={(event) => edit(line, event.currentTarget.value)}>
              <option value="">{asItIs}</option>
              <option value="on">{on}</option>
              <option value="off">{off}</option>
            </select>
          </label>
        ))}
        <label class="wide">
          {bulk.why}
          <input
            required
            maxLength={500}
            disabled={isRunning}
            value={reason.value}
            onInput={(event) => {
              reason.value = event.currentTarget.value;
            }}
          />
        </label>
        <button type="submit" class="main" disabled={isEmpty || isRunning || isCounting.value}>
          {isCounting.value ? bulk.previewing : bulk.preview}
        </button>
        <button type="button" disabled={isRunning} onClick={onClose}>
          {bulk.close}
        </button>
      </form>
      {isEmpty && <p class="dim">{bulk.noLine}</p>}
      {isOutdated.value && (
        <p class="note" role="status">
          {bulk.outdated}
        </p>
      )}
      {preview.value && !isOver && <PreviewPicture preview={preview.value} />}
      {preview.value && preview.value.changed > 0 && !isOver && !isRunning && (
        <Confirm
          {...preview.value}
          label={bulk.confirm(preview.value.changed)}
          isReady={reason.value.trim() !== ''}
          onConfirm={run}
        />
      )}
      {isRunning && (
        <p class="buttons" role="status">
          {!rows && bulk.running(number(progress.value.done), number(preview.value?.changed ?? 0))}
          <button type="button" onClick={() => running.value?.abort()}>
            {bulk.stop}
          </button>
        </p>
      )}
      {problem.value && <Problem error={problem.value} />}
      {wasStopped.value && !isUndone.value && (
        <div class="note" role="status">
          <p>{bulk.stopped(number(progress.value.done))}</p>
          <button type="button" onClick={run}>
            {bulk.goOn}
          </button>
        </div>
      )}
      {outcome.value && !wasStopped.value && !isUndone.value && <Done outcome={outcome.value} />}
      {isOver && !isRunning && (
        <Undo
          key={changeSets.join()}
          changeSets={changeSets}
          onDone={() => {
            isUndone.value = true;
            onDone();
          }}
        />
      )}
    </section>
  );
}

const NOTHING: OwnActs = { done: 0, changeSets: [] };

/** What would change, with the harm that it does. */
function PreviewPicture({ preview: { matched, changed, silent, lines } }: { preview: Preview }) {
  const { bulk, lines: names } = texts.value;
  return (
    <div role="status">
      <p>
        <b>{bulk.matched(matched, changed)}</b>
      </p>
      {changed === 0 && <p>{bulk.nothing}</p>}
      {lines.map(({ line, before, after }) => (
        <figure key={line}>
          <figcaption>{bulk.lineChange(names[line], number(before), number(after), number(matched))}</figcaption>
          <Bar part={before} whole={matched} kind={line} />
          <Bar part={after} whole={matched} kind={line} />
        </figure>
      ))}
      {changed > 0 && (
        <p class={silent > 0 ? 'note bad' : 'note'}>{silent > 0 ? bulk.silent(silent) : bulk.notSilent}</p>
      )}
    </div>
  );
}

function Done({ outcome: { matched, changed, refused } }: { readonly outcome: Outcome }) {
  const { bulk, flatNumber } = texts.value;
  return (
    <div class="note good" role="status">
      <p>
        {bulk.done(changed, matched)} <a href={href(['history'], { actor: caller.value?.actor })}>{bulk.inHistory}</a>
      </p>
      {refused.length > 0 && (
        <>
          <p>{bulk.refused(refused.length)}</p>
          <ul>
            {refused.map(({ row, message }) => (
              <li key={row.flatId}>
                <a href={href(['intercoms', row.intercomId, row.flat])}>
                  {flatNumber(row.flat)}, {row.intercom?.title}
                </a>
                {` — ${message}`}
              </li>
            ))}
          </ul>
        </>
      )}
    </div>
  );
}
