import { useEffect } from 'preact/hooks';
import { texts } from './locale.ts';

/** While a change runs, a link or a closed tab would stop it half-way. */
export function useAskBeforeLeaving(isRunning: boolean): void {
  useEffect(() => {
    if (!isRunning) return;
    const onUnload = (event: BeforeUnloadEvent) => event.preventDefault();
    const onClick = (event: MouseEvent) => {
      const isLink = event.target instanceof Element && event.target.closest('a[href]');
      if (isLink && !confirm(texts.value.bulk.leave)) event.preventDefault();
    };
    addEventListener('beforeunload', onUnload);
    addEventListener('click', onClick, true);
    return () => {
      removeEventListener('beforeunload', onUnload);
      removeEventListener('click', onClick, true);
    };
  }, [isRunning]);
}
