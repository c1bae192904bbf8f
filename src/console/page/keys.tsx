import { Fragment } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { texts } from './locale.ts';
import { isForScreen, isShortcut, shortcuts, switchShortcuts } from './shortcuts.ts';

/** The keys of the console, and the switch for those that are single letters. */
export function Keys() {
  const { keys } = texts.value;
  const box = useRef<HTMLDetailsElement>(null);
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (!box.current || !isForScreen(event)) return;
      if (event.key === 'Escape' && box.current.open) {
        // The flat under it stays open.
        event.preventDefault();
        box.current.open = false;
      }
      if (event.key !== '?' || !isShortcut(event)) return;
      box.current.open = !box.current.open;
      box.current.querySelector('summary')?.focus();
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, []);
  return (
    <details class="keys" ref={box}>
      <summary aria-label={keys.title}>?</summary>
      <div>
        <dl>
          {keys.list.map(([key, text]) => (
            <Fragment key={key}>
              <dt>
                <kbd>{key}</kbd>
              </dt>
              <dd>{text}</dd>
            </Fragment>
          ))}
        </dl>
        <label class="switch">
          <input type="checkbox" checked={shortcuts.value} onChange={switchShortcuts} />
          {keys.single}
        </label>
      </div>
    </details>
  );
}
