import { useSignal } from '@preact/signals';
import { number, texts } from './locale.ts';

/** More flats than these are confirmed by their number, and so is a change after which nothing rings somewhere. */
const MANY = 1_000;

interface ConfirmProps {
  readonly changed: number;
  readonly silent: number;
  readonly label: string;
  readonly isReady: boolean;
  readonly onConfirm: () => void;
}

/** The button that does what was previewed. */
export function Confirm({ changed, silent, label, isReady, onConfirm }: ConfirmProps) {
  const typed = useSignal('');
  const asksNumber = changed > MANY || silent > 0;
  const isTyped = !asksNumber || typed.value.replace(/\D/g, '') === String(changed);
  return (
    <p class="buttons">
      {asksNumber && (
        <label>
          {texts.value.bulk.type(number(changed))}
          <input
            inputMode="numeric"
            autocomplete="off"
            value={typed.value}
            onInput={(event) => {
              typed.value = event.currentTarget.value;
            }}
          />
        </label>
      )}
      <button type="button" class="danger" disabled={!isTyped || !isReady} onClick={onConfirm}>
        {label}
      </button>
    </p>
  );
}
