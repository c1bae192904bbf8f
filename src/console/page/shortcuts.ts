import { signal } from '@preact/signals';

const KEPT_AS = 'shortcuts';
const OFF = 'off';

/** Whether single keys do something: for who speaks to the computer, they would fire by themselves. */
export const shortcuts = signal(localStorage.getItem(KEPT_AS) !== OFF);

export function switchShortcuts(): void {
  shortcuts.value = !shortcuts.value;
  if (shortcuts.value) localStorage.removeItem(KEPT_AS);
  else localStorage.setItem(KEPT_AS, OFF);
}

/** Whether a key is pressed as a shortcut: by itself, and not into a field. */
export const isShortcut = ({ target, ctrlKey, metaKey, altKey }: KeyboardEvent): boolean =>
  shortcuts.value &&
  !(ctrlKey || metaKey || altKey) &&
  !(target instanceof Element && target.closest('input:not([type=checkbox]), select'));
