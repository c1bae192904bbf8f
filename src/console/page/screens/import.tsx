import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { AskError } from '../ask.ts';
import { type BadRow, badRowsFile, importFile, type Progress, type Summary } from '../import-file.ts';
import { number, texts } from '../locale.ts';
import { type OwnActs, watchActs } from '../own-acts.ts';
import { Bar } from '../pictures/bar.tsx';
import { Problem, toAskError } from '../problem.tsx';
import { href } from '../route.ts';
import { saveFile } from '../save-file.ts';
import { mayAdminister } from '../session.ts';
import { Undo } from '../undo.tsx';
import { useAskBeforeLeaving } from '../use-ask-before-leaving.ts';

/** As many as fit on a screen; the file has all of them. */
const MAX_SHOWN = 100;

type Phase = 'chosen' | 'checking' | 'checked' | 'running' | 'done' | 'stopped';

/** A file of flats: what its import would do, which rows are bad, and then the import. */
export function Import() {
  const { upload, readOnlyImport } = texts.value;
  return (
    <>
      <h1 tabIndex={-1}>{upload.title}</h1>
      {mayAdminister() ? <Upload /> : <p class="note">{readOnlyImport}</p>}
    </>
  );
}

function Upload() {
  const { upload } = texts.value;
  const file = useSignal<File | undefined>(undefined);
  const phase = useSignal<Phase>('chosen');
  const progress = useSignal<Progress | undefined>(undefined);
  const summary = useSignal<Summary | undefined>(undefined);
  const bad = useSignal<readonly BadRow[]>([]);
  const error = useSignal<AskError | undefined>(undefined);
  const leaving = useSignal<AbortController | undefined>(undefined);
  const changeSets = useSignal<readonly string[]>([]);
  const isRunning = phase.value === 'running';
  useAskBeforeLeaving(isRunning);
  // Who leaves the screen stops it.
  useEffect(() => () => leaving.peek()?.abort(), []);

  async function run(dryRun: boolean): Promise<void> {
    const chosen = file.value;
    if (!chosen) return;
    leaving.value?.abort();
    const own = new AbortController();
    leaving.value = own;
    phase.value = dryRun ? 'checking' : 'running';
    [progress.value, summary.value, error.value, bad.value] = [undefined, undefined, undefined, []];
    changeSets.value = [];
    let readActs: (() => Promise<OwnActs>) | undefined;
    try {
      if (!dryRun) readActs = await watchActs((it) => it.channel === 'IMPORT');
      summary.value = await importFile(
        chosen,
        dryRun,
        (rows) => {
          bad.value = [...bad.value, ...rows];
        },
        (it) => {
          progress.value = it;
        },
        own.signal,
      );
      const isWhole = summary.value !== undefined && summary.value.stoppedBy === null;
      phase.value = !isWhole ? 'stopped' : dryRun ? 'checked' : 'done';
    } catch (problem) {
      if (leaving.value !== own) return;
      phase.value = own.signal.aborted ? 'stopped' : 'chosen';
      if (!own.signal.aborted) error.value = toAskError(problem);
    }
    // Without an answer the history still has it.
    changeSets.value = (await readActs?.().catch(() => undefined))?.changeSets ?? [];
  }
  function choose(chosen: File | undefined): void {
    if (!chosen || isRunning) return;
    file.value = chosen;
    void run(true);
  }

  return (
    <>
      <p class="dim">{upload.hint}</p>
      <label
        class="drop"
        onDragOver={(event) => event.preventDefault()}
        onDrop={(event) => {
          event.preventDefault();
          choose(event.dataTransfer?.files[0]);
        }}
      >
        {upload.choose}
        <input
          type="file"
          accept=".csv,text/csv"
          disabled={isRunning}
          onChange={(event) => choose(event.currentTarget.files?.[0])}
        />
      </label>
      {file.value && (
        <p role="status">
          <b>{file.value.name}</b> {upload[phase.value]}
          {progress.value && ` ${upload.rows(progress.value.rows)}`}
        </p>
      )}
      {(phase.value === 'checking' || isRunning) && (
        <p class="buttons">
          <Bar part={progress.value?.share ?? 0} whole={1} />
          <button type="button" onClick={() => leaving.value?.abort()}>
            {upload.stop}
          </button>
        </p>
      )}
      {error.value && <Problem error={error.value} onAgain={() => void run(true)} />}
      {summary.value && <Counts summary={summary.value} />}
      {phase.value === 'checked' && summary.value && (
        <p class="buttons">
          <button
            type="button"
            class="main"
            disabled={summary.value.rows === summary.value.refused}
            onClick={() => void run(false)}
          >
            {upload.run(summary.value.rows - summary.value.refused)}
          </button>
        </p>
      )}
      {phase.value === 'stopped' && (
        <p class="buttons">
          <button type="button" onClick={() => void run(true)}>
            {upload.again}
          </button>
        </p>
      )}
      {phase.value === 'done' && (
        <p>
          <a href={href(['history'], { channel: 'IMPORT' })}>{upload.history}</a>
        </p>
      )}
      {/* What is new stays. */}
      {summary.value?.flatsChanged !== 0 && (
        <Undo key={changeSets.value.join()} changeSets={changeSets.value} onDone={() => {}} />
      )}
      {bad.value.length > 0 && <BadRows rows={bad.value} />}
    </>
  );
}

function Counts({ summary }: { summary: Summary }) {
  const { counts } = texts.value.upload;
  return (
    <dl class="tiles">
      {(Object.keys(counts) as (keyof typeof counts)[]).map((it) => (
        <div key={it}>
          <dt>{counts[it]}</dt>
          <dd>{number(summary[it])}</dd>
        </div>
      ))}
    </dl>
  );
}

function BadRows({ rows }: { rows: readonly BadRow[] }) {
  const { upload } = texts.value;
  return (
    <>
      <h2>{upload.bad(rows.length)}</h2>
      <button type="button" onClick={() => saveFile(badRowsFile(rows), 'bad.csv')}>
        {upload.save}
      </button>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <section class="scrolls" tabIndex={0} aria-label={upload.bad(rows.length)}>
        <table>
          <thead>
            <tr>
              <th scope="col">{upload.line}</th>
              <th scope="col">{upload.column}</th>
              <th scope="col">{upload.why}</th>
            </tr>
          </thead>
          <tbody>
            {rows.slice(0, MAX_SHOWN).map(({ line, column, reason, message }) => (
              <tr key={`${line} ${column}`}>
                <th scope="row">{line}</th>
                <td>{column}</td>
                <td class="wraps">{upload.reason(reason, message)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      {rows.length > MAX_SHOWN && <p class="note">{upload.more(rows.length - MAX_SHOWN)}</p>}
    </>
  );
}
