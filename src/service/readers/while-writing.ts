import type { ThreadStore } from '../../store/store.ts';

/** The same store; `onWrite` is called before each write. */
export const whileWriting = (store: ThreadStore, onWrite: () => void): ThreadStore => {
  const observed =
    <Args extends readonly unknown[], T>(write: (...args: Args) => Promise<T>) =>
    (...args: Args): Promise<T> => {
      onWrite();
      return write(...args);
    };
  return {
    ...store,
    amend: observed(store.amend),
    importRows: observed(store.importRows),
    addIntercom: observed(store.addIntercom),
    amendIntercom: observed(store.amendIntercom),
    changeLinks: observed(store.changeLinks),
    prune: observed(store.prune),
  };
};
