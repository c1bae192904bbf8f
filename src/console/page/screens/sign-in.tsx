import { useSignal } from '@preact/signals';
import type { TargetedSubmitEvent } from 'preact';
import { texts } from '../locale.ts';
import { signedIn, signOutReason } from '../token.ts';

/** The gate. The service is the judge of the token: one that it does not take brings the person back with its reason. */
export function SignIn() {
  const { title, token, hint, button } = texts.value.gate;
  const typed = useSignal('');

  function onSubmit(event: TargetedSubmitEvent<HTMLFormElement>): void {
    event.preventDefault();
    const value = typed.value.trim();
    // Headers take printable ASCII alone.
    if (/^[\x21-\x7e]+$/.test(value)) signedIn(value);
  }

  return (
    <form class="gate" onSubmit={onSubmit}>
      <h1 tabIndex={-1}>{title}</h1>
      {signOutReason.value !== undefined && (
        <p class="note bad" role="alert">
          {signOutReason.value}
        </p>
      )}
      <label>
        {token}
        <input
          type="password"
          autocomplete="off"
          required
          pattern="\s*[\x21-\x7e]+\s*"
          aria-describedby="gate-hint"
          onInput={(event) => {
            typed.value = event.currentTarget.value;
          }}
        />
      </label>
      <p id="gate-hint" class="dim">
        {hint}
      </p>
      <button type="submit" class="main">
        {button}
      </button>
    </form>
  );
}
