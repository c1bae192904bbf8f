import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { AskError, ask } from './ask.ts';
import { linesText } from './lines.ts';
import { texts } from './locale.ts';
import {
  type SearchFlatFragment,
  Search as SearchOperation,
  type SearchQuery,
  type SearchQueryVariables,
} from './operations.ts';
import { goTo, href } from './route.ts';
import { isShortcut } from './shortcuts.ts';

const DEBOUNCE_MS = 150;
const MIN_TITLE = 3;
const MAX_FLAT = 2_147_483_647;

interface Found {
  readonly to: string;
  readonly text: string;
  readonly more: string;
}

interface Group {
  readonly name: string;
  readonly found: readonly Found[];
}

/** What a person on the phone may know: the beginning of a key or a login, a flat's number, an address, or the last two together. */
function variablesOf(text: string): SearchQueryVariables {
  const [, before = '', digits] = /^(.*?)[\s,]*(\d+)$/.exec(text) ?? [];
  const flat = digits === undefined || Number(digits) > MAX_FLAT ? 0 : Number(digits);
  const hasBoth = flat > 0 && before.length >= MIN_TITLE;
  return {
    text,
    flat,
    hasFlat: flat > 0 && before === '',
    hasTitle: text.length >= MIN_TITLE,
    titleAndFlat: { intercomTitle: before, flat },
    hasBoth,
  };
}

function groupsOf(answer: SearchQuery): Group[] {
  const { search, flatNumber } = texts.value;
  type Rows = { readonly nodes: readonly SearchFlatFragment[] } | null | undefined;
  const flats = (rows: Rows, name = ''): Found[] =>
    (rows?.nodes ?? []).map(({ flat, intercomId, intercom, properties }) => ({
      to: href(['intercoms', intercomId, flat]),
      text: `${name}${flatNumber(flat)}, ${intercom?.title ?? ''}`,
      more: linesText(properties),
    }));
  return [
    { name: search.key, found: (answer.keys ?? []).flatMap((it) => flats(it.flats, `${it.code}: `)) },
    { name: search.login, found: (answer.users ?? []).flatMap((it) => flats(it.flats, `${it.login}: `)) },
    { name: search.both, found: flats(answer.byBoth) },
    { name: search.number, found: flats(answer.byNumber) },
    {
      name: search.title,
      found: (answer.byTitle?.nodes ?? []).map(({ intercomId, title }) => ({
        to: href(['intercoms', intercomId]),
        text: title,
        more: `#${intercomId}`,
      })),
    },
  ].filter((it) => it.found.length > 0);
}

/** The one search, on all screens: a combobox whose list has a group for each way to find something. */
export function Search() {
  const { label, placeholder, nothing } = texts.value.search;
  const typed = useSignal('');
  const groups = useSignal<readonly Group[] | undefined>(undefined);
  const problem = useSignal('');
  const active = useSignal(-1);
  const input = useRef<HTMLInputElement>(null);

  useEffect(() => {
    // `/` comes to the search from anywhere but a field.
    const onKey = (event: KeyboardEvent) => {
      if (event.key !== '/' || !isShortcut(event)) return;
      event.preventDefault();
      input.current?.focus();
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, []);

  const text = typed.value.trim();
  useEffect(() => {
    problem.value = '';
    active.value = -1;
    if (text === '') {
      groups.value = undefined;
      return;
    }
    const leaving = new AbortController();
    const timer = setTimeout(async () => {
      try {
        groups.value = groupsOf(await ask(SearchOperation, variablesOf(text), leaving.signal));
      } catch (error) {
        if (leaving.signal.aborted) return;
        if (!(error instanceof AskError)) throw error;
        groups.value = [];
        problem.value = error.message || texts.value.noConnection;
      }
    }, DEBOUNCE_MS);
    return () => {
      clearTimeout(timer);
      leaving.abort();
    };
  }, [text, groups, problem, active]);

  const all = groups.value?.flatMap((it) => it.found) ?? [];
  const close = () => {
    groups.value = undefined;
    active.value = -1;
  };
  const choose = (it: Found) => {
    typed.value = '';
    close();
    goTo(it.to);
  };
  function onKeyDown(event: KeyboardEvent): void {
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    if (step !== 0 && all.length > 0) {
      event.preventDefault();
      active.value = (active.value + step + all.length) % all.length;
    } else if (event.key === 'Enter') {
      event.preventDefault();
      const chosen = all[Math.max(active.value, 0)];
      if (chosen) choose(chosen);
    } else if (event.key === 'Escape') {
      typed.value = '';
      close();
    }
  }

  const isOpen = groups.value !== undefined;
  let index = -1;
  return (
    <search>
      <input
        ref={input}
        type="text"
        role="combobox"
        aria-label={label}
        aria-expanded={isOpen && all.length > 0}
        aria-controls="found"
        aria-autocomplete="list"
        aria-activedescendant={active.value >= 0 ? `found-${active.value}` : undefined}
        aria-keyshortcuts="/"
        placeholder={placeholder}
        maxLength={64}
        autocomplete="off"
        spellcheck={false}
        value={typed.value}
        onInput={(event) => {
          typed.value = event.currentTarget.value;
        }}
        onKeyDown={onKeyDown}
        onBlur={close}
      />
      {isOpen && all.length === 0 && (
        <p class="found" role="status">
          {problem.value || nothing}
        </p>
      )}
      <div id="found" class="found" role="listbox" aria-label={label} hidden={all.length === 0}>
        {groups.value?.map(({ name, found }) => (
          // biome-ignore lint/a11y/useSemanticElements: a group of options, not of fields
          <div key={name} role="group" aria-label={name}>
            <span class="dim" aria-hidden="true">
              {name}
            </span>
            {found.map((it) => {
              const at = ++index;
              return (
                // biome-ignore lint/a11y/useKeyWithClickEvents: the combobox has the keys
                <div
                  key={it.text}
                  id={`found-${at}`}
                  role="option"
                  tabIndex={-1}
                  aria-selected={active.value === at}
                  // The field would lose the focus, and close the list, before the click.
                  onMouseDown={(event) => event.preventDefault()}
                  onClick={() => choose(it)}
                >
                  {it.text} <span class="dim">{it.more}</span>
                </div>
              );
            })}
          </div>
        ))}
      </div>
    </search>
  );
}
