import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { type AskError, ask } from '../ask.ts';
import type { HouseFlat, HouseFlats } from '../house-flats.ts';
import { type FlatLines, hasLine, isSame, isSilent, LINES, type Line, newestFirst, patched } from '../lines.ts';
import { dateTime, texts } from '../locale.ts';
import { FlatByNumber, FlatDetails, UpdateFlat } from '../operations.ts';
import { LinesWords } from '../pictures/pips.tsx';
import { AnswerState, Problem, toAskError } from '../problem.tsx';
import { goTo, href } from '../route.ts';
import { mayWrite } from '../session.ts';
import { isForScreen, isShortcut } from '../shortcuts.ts';
import { useAnswer } from '../use-answer.ts';
import { useAskBeforeLeaving } from '../use-ask-before-leaving.ts';
import { Links } from './links.tsx';

const UNDO_MS = 10_000;

interface FlatProps {
  readonly id: string;
  readonly number: number;
  readonly house: HouseFlats;
}

/** A flat by its number: one of those on the screen, or else it is read by itself. */
export function Flat({ id, number, house }: FlatProps) {
  const known = [...house.flats.value.values()].find((it) => it.flat === number);
  const isKnown = known !== undefined;
  const answer = useAnswer(`${id} ${number} ${isKnown}`, async (signal) => {
    if (isKnown || !Number.isSafeInteger(number)) return null;
    const { intercomFlat } = await ask(FlatByNumber, { intercomId: id, flat: number }, signal);
    if (intercomFlat) house.put(intercomFlat);
    return intercomFlat;
  });
  const close = () => goTo(href(['intercoms', id]));
  const { details, flatNumber, version } = texts.value;
  const title = useRef<HTMLHeadingElement>(null);
  useEffect(() => title.current?.focus(), []);
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const isSearch = event.target instanceof Element && event.target.closest('search');
      if (event.key === 'Escape' && isForScreen(event) && !isSearch) close();
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  });

  return (
    <section class="panel" aria-labelledby="flat-title">
      <h2 id="flat-title" tabIndex={-1} ref={title}>
        {flatNumber(number)}{' '}
        {known && (
          <span class="dim">
            {version(known.version)} · #{known.flatId}
          </span>
        )}
      </h2>
      {known ? (
        <FlatForm flat={known} house={house} />
      ) : answer.data === null ? (
        <p>{details.gone}</p>
      ) : (
        <AnswerState answer={answer} />
      )}
      <button type="button" onClick={close}>
        {details.close}
      </button>
    </section>
  );
}

interface Saved {
  readonly before: FlatLines;
  readonly isUndo: boolean;
}

function FlatForm({ flat, house }: { flat: HouseFlat; house: HouseFlats }) {
  const { details } = texts.value;
  const draft = useSignal<FlatLines>(flat.properties);
  /** What the draft was begun from. */
  const base = useSignal<HouseFlat>(flat);
  const reason = useSignal('');
  const isSaving = useSignal(false);
  const problem = useSignal<AskError | string | undefined>(undefined);
  const saved = useSignal<Saved | undefined>(undefined);

  const isEdited = !isSame(draft.value, base.value.properties);
  useAskBeforeLeaving(isEdited || reason.value.trim() !== '', () => texts.value.details.leave);
  const hasMoved = flat.version !== base.value.version && !isSaving.value;
  // Without a draft there is nothing to lose.
  useEffect(() => {
    if (hasMoved && !isEdited) takeTheirs();
  });
  const isConflict = hasMoved && isEdited && !isSame(draft.value, flat.properties);

  function takeTheirs(): void {
    base.value = flat;
    draft.value = flat.properties;
    problem.value = undefined;
  }

  async function save(to: FlatLines, why: string, isUndo: boolean): Promise<void> {
    if (isSaving.value) return;
    isSaving.value = true;
    problem.value = undefined;
    saved.value = undefined;
    const before = flat.properties;
    const input = { flatId: flat.flatId, expectedVersion: flat.version, ...onlyLines(to), reason: why || undefined };
    try {
      const { updateIntercomFlat: answer } = await ask(UpdateFlat, { input });
      if (answer.__typename === 'UpdateIntercomFlatSuccess') {
        house.put(answer.intercomFlat);
        base.value = answer.intercomFlat;
        draft.value = answer.intercomFlat.properties;
        reason.value = '';
        saved.value = { before, isUndo };
        // The button that was pressed is gone.
        if (isUndo) document.getElementById('flat-title')?.focus();
      } else if (answer.__typename === 'VersionConflict') {
        house.put(answer.current);
      } else problem.value = answer.message;
    } catch (error) {
      problem.value = toAskError(error);
    }
    isSaving.value = false;
  }

  const canSave = isEdited && !isConflict && !isSaving.value;
  const toggle = (line: Line) => {
    draft.value = patched(draft.value, { [line]: !hasLine(draft.value, line) });
    saved.value = undefined;
  };
  useKeys({
    toggle,
    save: () => {
      if (canSave) void save(draft.value, reason.value, false);
    },
  });
  useTimeout(saved.value, UNDO_MS, () => {
    saved.value = undefined;
  });

  return (
    <>
      {mayWrite() ? (
        <form
          onSubmit={(event) => {
            event.preventDefault();
            if (canSave) void save(draft.value, reason.value, false);
          }}
        >
          <fieldset>
            <legend>{details.lines}</legend>
            {LINES.map((line) => (
              <label key={line} class="switch">
                <input type="checkbox" checked={hasLine(draft.value, line)} onChange={() => toggle(line)} />
                {texts.value.lines[line]}
              </label>
            ))}
          </fieldset>
          {isEdited && isSilent(draft.value) && <p class="note bad">{details.silent}</p>}
          <label>
            {details.why}
            <input
              maxLength={500}
              value={reason.value}
              onInput={(event) => {
                reason.value = event.currentTarget.value;
              }}
            />
          </label>
          {isConflict && (
            <div class="note bad" role="alert">
              <p>{details.conflict(flat.changedBy ?? '?')}</p>
              <p>
                <LinesWords lines={flat.properties} />
              </p>
              <p class="buttons">
                <button
                  type="button"
                  onClick={() => {
                    void save(draft.value, reason.value, false);
                  }}
                >
                  {details.mine}
                </button>
                <button type="button" onClick={takeTheirs}>
                  {details.theirs}
                </button>
              </p>
            </div>
          )}
          <button type="submit" class="main" disabled={!canSave}>
            {isSaving.value ? details.saving : details.save}
          </button>
        </form>
      ) : (
        <p>
          <LinesWords lines={flat.properties} />
        </p>
      )}
      <div role="status">
        {saved.value && (
          <p class="note good">
            {saved.value.isUndo ? details.undone : details.saved}{' '}
            {!saved.value.isUndo && !isSame(saved.value.before, flat.properties) && (
              <button
                type="button"
                onClick={() => {
                  if (saved.value) void save(saved.value.before, details.undoReason, true);
                }}
              >
                {details.undo}
              </button>
            )}
          </p>
        )}
      </div>
      {typeof problem.value === 'string' && (
        <p class="note bad" role="alert">
          {problem.value}
        </p>
      )}
      {typeof problem.value === 'object' && <Problem error={problem.value} />}
      <Details
        flat={flat}
        onSetBack={
          mayWrite() && !isEdited && !isSaving.value
            ? (to) => {
                void save(to, details.undoReason, true);
              }
            : undefined
        }
      />
    </>
  );
}

/** The lines alone, for an input. */
const onlyLines = ({
  isSmartphoneSipLineAvailable,
  isLandlineSipLineAvailable,
  isAnalogLineAvailable,
}: FlatLines): FlatLines => ({ isSmartphoneSipLineAvailable, isLandlineSipLineAvailable, isAnalogLineAvailable });

/** 1, 2 and 3 turn the lines, outside of fields; Ctrl+Enter saves from anywhere. */
function useKeys({ toggle, save }: { toggle: (line: Line) => void; save: () => void }): void {
  useEffect(() => {
    if (!mayWrite()) return;
    const onKey = (event: KeyboardEvent) => {
      if (event.key === 'Enter' && isForScreen(event) && (event.ctrlKey || event.metaKey)) {
        event.preventDefault();
        save();
        return;
      }
      const line = LINES[Number(event.key) - 1];
      if (line && isShortcut(event)) toggle(line);
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  });
}

/** Calls once after a time, which begins anew when `key` is another. */
function useTimeout(key: unknown, ms: number, then: () => void): void {
  useEffect(() => {
    if (key === undefined) return;
    const timer = setTimeout(then, ms);
    return () => clearTimeout(timer);
  }, [key]);
}

interface DetailsProps {
  readonly flat: HouseFlat;
  /** Sets the lines back; absent where that cannot be done now. */
  readonly onSetBack: ((to: FlatLines) => void) | undefined;
}

/** Who can open the door, and what was changed. */
function Details({ flat, onSetBack }: DetailsProps) {
  const { details, log, summary } = texts.value;
  const answer = useAnswer(`${flat.flatId} ${flat.version}`, (signal) =>
    ask(FlatDetails, { flatId: flat.flatId }, signal),
  );
  const found = answer.data?.intercomFlat;
  if (!found) return <AnswerState answer={answer} />;
  const changes = newestFirst(found.changes?.nodes ?? []);
  return (
    <>
      <dl>
        <dt>{details.keys}</dt>
        <dd>
          <Links kind="keys" flatId={flat.flatId} names={found.keys.map((it) => it.code)} onChanged={answer.reload} />
        </dd>
        <dt>{details.users}</dt>
        <dd>
          <Links
            kind="users"
            flatId={flat.flatId}
            names={found.users.map((it) => it.login)}
            onChanged={answer.reload}
          />
        </dd>
      </dl>
      <h3>{details.history}</h3>
      {changes.length === 0 && <p class="dim">{details.noHistory}</p>}
      <ol class="log">
        {changes.map((it) => (
          <li key={it.cursor}>
            <time dateTime={it.changedAt}>{dateTime(it.changedAt)}</time> <b>{it.actor}</b>{' '}
            <span class="dim">{log.ways[it.channel]}</span>
            <br />
            <LinesWords lines={it.before} /> → <LinesWords lines={it.after} />
            {it.reason !== null && <q>{it.reason}</q>}
            {onSetBack && !isSame(it.before, flat.properties) && (
              <button
                type="button"
                aria-label={details.setBackAbout(dateTime(it.changedAt))}
                onClick={() => onSetBack(it.before)}
              >
                {details.setBack}
              </button>
            )}
          </li>
        ))}
      </ol>
      <a href={href(['history'], { flat: flat.flatId })}>{summary.all}</a>
    </>
  );
}
