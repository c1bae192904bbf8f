import { useLayoutEffect } from 'preact/hooks';
import { texts } from './locale.ts';
import { questions } from './route.ts';

/** While it is so, whoever leaves the place or the page is asked first, in the words of that moment; by default, whether to stop what runs. */
export function useAskBeforeLeaving(isAsked: boolean, question = () => texts.value.bulk.leave): void {
  // The next key may be the one that leaves, so this does not wait for the screen to be painted.
  useLayoutEffect(() => {
    if (!isAsked) return;
    const onUnload = (event: BeforeUnloadEvent) => event.preventDefault();
    questions.add(question);
    addEventListener('beforeunload', onUnload);
    return () => {
      questions.delete(question);
      removeEventListener('beforeunload', onUnload);
    };
  }, [isAsked]);
}
