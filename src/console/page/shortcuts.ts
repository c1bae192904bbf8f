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

/** Whether a key is for the screen: not for a question over it, and not used by something else. */
export const isForScreen = ({ defaultPrevented }: KeyboardEvent): boolean =>
  !defaultPrevented && !document.querySelector('dialog[open]');

/** Whether a key is pressed as a shortcut: by itself, and not into a field. */
export const isShortcut = (event: KeyboardEvent): boolean =>
  shortcuts.value &&
  isForScreen(event) &&
  !(event.ctrlKey || event.metaKey || event.altKey) &&
  !(event.target instanceof Element && event.target.closest('input:not([type=checkbox]), select'));
