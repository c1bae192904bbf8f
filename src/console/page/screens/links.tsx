import { useSignal } from '@preact/signals';
import { type AskError, ask } from '../ask.ts';
import { inLabels } from '../field-labels.ts';
import { texts } from '../locale.ts';
import { AttachKeys, AttachUsers, DetachKeys, DetachUsers } from '../operations.ts';
import { Problem, toAskError } from '../problem.tsx';
import { mayAdminister } from '../session.ts';

interface LinksProps {
  readonly kind: 'keys' | 'users';
  readonly flatId: string;
  readonly names: readonly string[];
  readonly onChanged: () => void;
}

/** The keys or the users of a flat; administrators add and remove them. */
export function Links({ kind, flatId, names, onChanged }: LinksProps) {
  const { details, admin } = texts.value;
  const typed = useSignal('');
  const problem = useSignal<AskError | string | undefined>(undefined);
  const isSending = useSignal(false);
  if (!mayAdminister()) return <>{names.length === 0 ? details.none : names.join(', ')}</>;

  const send = (isAttached: boolean, name: string) => {
    const keys = { input: { flatId, keys: [name] } };
    const users = { input: { flatId, users: [name] } };
    if (kind === 'keys') return isAttached ? ask(AttachKeys, keys) : ask(DetachKeys, keys);
    return isAttached ? ask(AttachUsers, users) : ask(DetachUsers, users);
  };
  async function change(isAttached: boolean, name: string): Promise<void> {
    if (isSending.value) return;
    isSending.value = true;
    problem.value = undefined;
    try {
      const { changed } = await send(isAttached, name);
      if (changed.__typename === 'ValidationError') problem.value = inLabels(changed.message);
      else {
        typed.value = '';
        onChanged();
      }
    } catch (error) {
      problem.value = toAskError(error);
    }
    isSending.value = false;
  }
  return (
    <>
      {names.length === 0 && details.none}
      <ul class="links">
        {names.map((name) => (
          <li key={name}>
            {name}{' '}
            <button type="button" aria-label={admin.detach(name)} onClick={() => void change(false, name)}>
              ×
            </button>
          </li>
        ))}
      </ul>
      <form
        class="buttons"
        onSubmit={(event) => {
          event.preventDefault();
          void change(true, typed.value.trim());
        }}
      >
        <input
          required
          aria-label={admin.newName[kind]}
          placeholder={admin.newName[kind]}
          maxLength={100}
          autocomplete="off"
          value={typed.value}
          onInput={(event) => {
            typed.value = event.currentTarget.value;
          }}
        />
        <button type="submit" disabled={isSending.value}>
          {admin.attach}
        </button>
      </form>
      {typeof problem.value === 'string' && (
        <p class="note bad" role="alert">
          {problem.value}
        </p>
      )}
      {typeof problem.value === 'object' && <Problem error={problem.value} />}
    </>
  );
}
