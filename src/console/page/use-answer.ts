import { useEffect, useState } from 'preact/hooks';
import { AskError } from './ask.ts';

export interface Answer<T> {
  /** The last good answer for these inputs; it stays while a newer one is read, or cannot be. */
  readonly data: T | undefined;
  /** When it came, in milliseconds since 1970. */
  readonly at: number;
  readonly error: AskError | undefined;
  readonly isLoading: boolean;
  readonly reload: () => void;
}

interface State<T> {
  readonly key: string;
  readonly data?: T | undefined;
  readonly at: number;
  readonly error?: AskError | undefined;
  readonly isLoading: boolean;
}

/** Loads when `key` changes, which stands for all that `load` reads, and gives the request up that is no longer wanted. */
export function useAnswer<T>(key: string, load: (signal: AbortSignal) => Promise<T>): Answer<T> {
  const [attempt, setAttempt] = useState(0);
  const [state, setState] = useState<State<T>>({ key, at: 0, isLoading: true });

  useEffect(() => {
    const leaving = new AbortController();
    setState((old) => ({ ...(old.key === key ? old : { at: 0 }), key, isLoading: true }));
    load(leaving.signal).then(
      (data) => {
        if (!leaving.signal.aborted) setState({ key, data, at: Date.now(), isLoading: false });
      },
      (error: unknown) => {
        if (leaving.signal.aborted) return;
        if (!(error instanceof AskError)) throw error;
        setState((old) => ({ ...old, error, isLoading: false }));
      },
    );
    return () => leaving.abort();
  }, [key, attempt]);

  // An offline page reads anew as soon as there is a network.
  const isOffline = state.error?.kind === 'offline';
  useEffect(() => {
    if (!isOffline) return;
    const again = () => setAttempt((it) => it + 1);
    addEventListener('online', again);
    return () => removeEventListener('online', again);
  }, [isOffline]);

  const isCurrent = state.key === key;
  return {
    data: isCurrent ? state.data : undefined,
    at: state.at,
    error: isCurrent ? state.error : undefined,
    isLoading: !isCurrent || state.isLoading,
    reload: () => setAttempt((it) => it + 1),
  };
}
