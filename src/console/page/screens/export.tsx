import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { AskError } from '../ask.ts';
import { exportFlats } from '../export-flats.ts';
import { texts } from '../locale.ts';
import type { IntercomFlatFilter } from '../operations.ts';
import { Problem, toAskError } from '../problem.tsx';
import { saveFile } from '../save-file.ts';

/** Saves the flats that match as a file. */
export function Export({ filter }: { filter: IntercomFlatFilter }) {
  const { list, upload } = texts.value;
  const running = useSignal<AbortController | undefined>(undefined);
  const rows = useSignal(0);
  const error = useSignal<AskError | undefined>(undefined);
  useEffect(() => () => running.peek()?.abort(), []);

  async function run(): Promise<void> {
    const own = new AbortController();
    [running.value, rows.value, error.value] = [own, 0, undefined];
    try {
      const file = await exportFlats(
        filter,
        (it) => {
          rows.value = it;
        },
        own.signal,
      );
      saveFile(file, 'flats.csv');
    } catch (problem) {
      if (!own.signal.aborted) error.value = toAskError(problem);
    }
    if (running.value === own) running.value = undefined;
  }
  return (
    <>
      {running.value ? (
        <button type="button" onClick={() => running.value?.abort()}>
          {upload.stop} ({upload.rows(rows.value)})
        </button>
      ) : (
        <button type="button" title={list.exportHint} onClick={run}>
          {list.export}
        </button>
      )}
      {error.value && <Problem error={error.value} />}
    </>
  );
}
