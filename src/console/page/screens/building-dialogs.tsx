import { useSignal } from '@preact/signals';
import { type AskError, ask } from '../ask.ts';
import { Dialog } from '../dialog.tsx';
import { inLabels } from '../field-labels.ts';
import { texts } from '../locale.ts';
import { CreateBuilding, DeleteBuilding, type InUseFragment, UpdateBuilding } from '../operations.ts';
import { Problem, toAskError } from '../problem.tsx';
import { goTo, href } from '../route.ts';

/** What is stored of a building. */
interface Known {
  readonly intercomId: string;
  readonly title: string;
  readonly externalId: string | null;
  readonly flatFrom: number | null;
  readonly flatTo: number | null;
}

/** An answer that is no success: a refusal, or flats whose keys and users would be lost. */
type Answer = { readonly __typename: string; readonly message?: string } & Partial<Omit<InUseFragment, 'message'>>;

interface AskingProps {
  readonly title: string;
  readonly button: string;
  /** Sends what the form holds; `force` once the person has seen what is lost. */
  readonly send: (form: FormData, force: boolean) => Promise<Answer>;
  readonly onDone: () => void;
  readonly onClose: () => void;
  readonly fields?: Known | undefined;
  readonly isNew?: boolean;
}

/** Asks, sends, and shows why it was refused. */
function Asking({ title, button, send, onDone, onClose, fields, isNew = false }: AskingProps) {
  const { admin, details } = texts.value;
  const refused = useSignal<Answer | undefined>(undefined);
  const error = useSignal<AskError | undefined>(undefined);
  const isSending = useSignal(false);

  async function submit(form: HTMLFormElement): Promise<void> {
    if (isSending.value) return;
    isSending.value = true;
    const force = refused.value?.flats !== undefined;
    error.value = undefined;
    try {
      const answer = await send(new FormData(form), force);
      if (answer.message === undefined) return onDone();
      refused.value = answer;
    } catch (problem) {
      error.value = toAskError(problem);
    }
    isSending.value = false;
  }
  const hasFields = isNew || fields !== undefined;
  const number = { min: 1, max: 2_147_483_647, required: isNew };
  return (
    <Dialog title={title} onClose={onClose}>
      <form
        class="asking"
        onSubmit={(event) => {
          event.preventDefault();
          void submit(event.currentTarget);
        }}
        // What was confirmed is what stood there.
        onInput={() => {
          refused.value = undefined;
        }}
      >
        {hasFields && (
          <>
            <label>
              {texts.value.list.address}
              <input name="title" required maxLength={200} defaultValue={fields?.title ?? ''} />
            </label>
            <label>
              {admin.externalId}
              <input name="externalId" maxLength={100} defaultValue={fields?.externalId ?? ''} />
            </label>
            <label>
              {admin.flatFrom}
              <input type="number" name="flatFrom" {...number} defaultValue={`${fields?.flatFrom ?? ''}`} />
            </label>
            <label>
              {admin.flatTo}
              <input type="number" name="flatTo" {...number} defaultValue={`${fields?.flatTo ?? ''}`} />
            </label>
          </>
        )}
        <label>
          {details.why}
          <input name="reason" maxLength={500} />
        </label>
        {refused.value && (
          <div class="note bad" role="alert">
            <p>{refused.value.flats ? admin.lost(refused.value.count ?? 0) : inLabels(refused.value.message ?? '')}</p>
            {refused.value.flats && (
              <ul>
                {refused.value.flats.map(({ flatId, flat, keyCount, usersCount }) => (
                  <li key={flatId}>{admin.inUse(flat, keyCount, usersCount)}</li>
                ))}
              </ul>
            )}
          </div>
        )}
        {error.value && <Problem error={error.value} />}
        <p class="buttons">
          <button type="submit" class={refused.value?.flats ? 'danger' : 'main'} disabled={isSending.value}>
            {refused.value?.flats ? admin.force : button}
          </button>
          <button type="button" onClick={onClose}>
            {admin.cancel}
          </button>
        </p>
      </form>
    </Dialog>
  );
}

const textOf = (form: FormData, name: string): string => `${form.get(name) ?? ''}`.trim();
const numberOf = (form: FormData, name: string): number | undefined =>
  textOf(form, name) === '' ? undefined : Number(textOf(form, name));
const reasonOf = (form: FormData) => textOf(form, 'reason') || undefined;

export function CreateBuildingDialog({ onClose }: { onClose: () => void }) {
  const { admin } = texts.value;
  const made = useSignal('');
  return (
    <Asking
      isNew
      title={admin.create}
      button={admin.create}
      send={async (form) => {
        const { createIntercom: answer } = await ask(CreateBuilding, {
          input: {
            title: textOf(form, 'title'),
            externalId: textOf(form, 'externalId') || undefined,
            flatFrom: numberOf(form, 'flatFrom') ?? 0,
            flatTo: numberOf(form, 'flatTo') ?? 0,
            reason: reasonOf(form),
          },
        });
        if (answer.__typename === 'CreateIntercomSuccess') made.value = answer.intercom.intercomId;
        return answer;
      }}
      onDone={() => {
        onClose();
        goTo(href(['intercoms', made.value]));
      }}
      onClose={onClose}
    />
  );
}

interface KnownProps {
  readonly known: Known;
  readonly onDone: () => void;
  readonly onClose: () => void;
}

export function EditBuildingDialog({ known, onDone, onClose }: KnownProps) {
  const { admin, details } = texts.value;
  return (
    <Asking
      title={admin.edit}
      button={details.saveAlone}
      fields={known}
      send={async (form, force) => {
        const { updateIntercom } = await ask(UpdateBuilding, {
          input: {
            intercomId: known.intercomId,
            title: textOf(form, 'title'),
            newExternalId: textOf(form, 'externalId') || null,
            flatFrom: numberOf(form, 'flatFrom'),
            flatTo: numberOf(form, 'flatTo'),
            reason: reasonOf(form),
            force,
          },
        });
        return updateIntercom;
      }}
      onDone={onDone}
      onClose={onClose}
    />
  );
}

export function DeleteBuildingDialog({ known, onDone, onClose }: KnownProps) {
  const { admin } = texts.value;
  return (
    <Asking
      title={admin.remove(known.title)}
      button={admin.delete}
      send={async (form, force) => {
        const input = { intercomId: known.intercomId, reason: reasonOf(form), force };
        return (await ask(DeleteBuilding, { input })).deleteIntercom;
      }}
      onDone={onDone}
      onClose={onClose}
    />
  );
}
