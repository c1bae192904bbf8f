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

/**
 * What a person on the phone may know: the beginning of a key or a login, a flat's number, an address, or the last two together,
 * in any order and with the word for a flat.
 */
function variablesOf(text: string): SearchQueryVariables {
  const bare = text.replace(/(^|[\s,])(?:flat|квартира|кв)\.?\s*(?=\d)/i, '$1');
  const parts = /^(?<title>.*?)[\s,]*(?<digits>\d+)$/.exec(bare) ?? /^(?<digits>\d+)[\s,]+(?<title>.+)$/.exec(bare);
  const { title = '', digits = '' } = parts?.groups ?? {};
  const flat = Number(digits) > MAX_FLAT ? 0 : Number(digits);
  return {
    text,
    flat,
    hasFlat: flat > 0 && title === '',
    hasTitle: text.length >= MIN_TITLE,
    titleAndFlat: { intercomTitle: title, flat },
    hasBoth: flat > 0 && title.length >= MIN_TITLE,
  };
}

function groupsOf(answer: SearchQuery, { text, hasBoth }: SearchQueryVariables): Group[] {
  const { search, flatNumber } = texts.value;
  type Rows = { readonly nodes: readonly SearchFlatFragment[] } | null | undefined;
  const flats = (rows: Rows, name = ''): Found[] =>
    (rows?.nodes ?? []).map(({ flat, intercomId, intercom, properties }) => ({
      to: href(['intercoms', intercomId, flat]),
      text: `${name}${flatNumber(flat)}, ${intercom?.title ?? ''}`,
      more: linesText(properties),
    }));
  const typed = text.toLowerCase();
  const titles = answer.byTitle?.nodes ?? [];
  // A number at the end may be the address's own; one at the beginning is that of a house more often than of a flat.
  const exact = titles.filter(({ title: it }) => {
    const title = it.toLowerCase();
    return title === typed || (hasBoth && title.endsWith(typed));
  });
  const isTitleFirst = exact.length > 0 || (hasBoth && !/\d$/.test(text));
  const byTitle: Group = {
    name: search.title,
    found: [...new Set([...exact, ...titles])].map(({ intercomId, title }) => ({
      to: href(['intercoms', intercomId]),
      text: title,
      more: `#${intercomId}`,
    })),
  };
  return [
    ...(isTitleFirst ? [byTitle] : []),
    { name: search.key, found: (answer.keys ?? []).flatMap((it) => flats(it.flats, `${it.code}: `)) },
    { name: search.login, found: (answer.users ?? []).flatMap((it) => flats(it.flats, `${it.login}: `)) },
    { name: search.both, found: flats(answer.byBoth) },
    { name: search.number, found: flats(answer.byNumber) },
    ...(isTitleFirst ? [] : [byTitle]),
  ].filter((it) => it.found.length > 0);
}

/** The one search, on all screens: a combobox whose list has a group for each way to find something. */
export function Search() {
  const { label, placeholder, nothing, short } = texts.value.search;
  const typed = useSignal('');
  const groups = useSignal<readonly Group[] | undefined>(undefined);
  const problem = useSignal('');
  const active = useSignal(-1);
  const input = useRef<HTMLInputElement>(null);
  /** Gives up what was asked for the present text; absent once that is answered. */
  const asking = useRef<AbortController>(undefined);

  useEffect(() => {
    // `/` comes to the search from anywhere but a field.
    const onKey = (event: KeyboardEvent) => {
      if (event.key !== '/' || !isShortcut(event)) return;
      event.preventDefault();
      input.current?.focus();
    };
    addEventListener('keydown', onKey);
    return () => {
      removeEventListener('keydown', onKey);
      giveUp();
    };
  }, []);

  function giveUp(): void {
    asking.current?.abort();
    asking.current = undefined;
    active.value = -1;
  }
  function close(): void {
    giveUp();
    groups.value = undefined;
  }
  /** The list of the text before stays to be seen until there is the one of this text; keys do not choose from it. */
  async function look(opensFirst: boolean): Promise<void> {
    giveUp();
    const text = typed.value.trim();
    if (text === '') {
      close();
      return;
    }
    const leaving = new AbortController();
    asking.current = leaving;
    if (!opensFirst) await new Promise((resolve) => setTimeout(resolve, DEBOUNCE_MS));
    if (leaving.signal.aborted) return;
    const variables = variablesOf(text);
    try {
      groups.value = groupsOf(await ask(SearchOperation, variables, leaving.signal), variables);
      problem.value = '';
    } catch (error) {
      if (leaving.signal.aborted) return;
      if (!(error instanceof AskError)) throw error;
      groups.value = [];
      problem.value = error.message || texts.value.noConnection;
    }
    asking.current = undefined;
    const [first] = found();
    if (opensFirst && first) choose(first);
  }
  const found = () => groups.value?.flatMap((it) => it.found) ?? [];
  const choose = (it: Found) => {
    typed.value = '';
    close();
    goTo(it.to);
  };
  function onKeyDown(event: KeyboardEvent): void {
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    const isAnswered = !asking.current && groups.value !== undefined;
    const all = isAnswered ? found() : [];
    if (step !== 0 && all.length > 0) {
      event.preventDefault();
      active.value = (active.value + step + all.length) % all.length;
    } else if (event.key === 'Enter') {
      event.preventDefault();
      const chosen = all[Math.max(active.value, 0)];
      if (chosen) choose(chosen);
      else if ((!isAnswered || problem.value) && !event.repeat) void look(true);
    } else if (event.key === 'Escape') {
      typed.value = '';
      close();
    }
  }

  const isOpen = groups.value !== undefined;
  const isEmpty = found().length === 0;
  const isShort = /^\D*$/.test(typed.value) && typed.value.trim().length < MIN_TITLE;
  let index = -1;
  return (
    <search>
      <input
        ref={input}
        type="text"
        role="combobox"
        aria-label={label}
        aria-expanded={!isEmpty}
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
          void look(false);
        }}
        onKeyDown={onKeyDown}
        onBlur={close}
      />
      {isOpen && isEmpty && (
        <p class="found" role="status">
          {problem.value || (isShort ? short : nothing)}
        </p>
      )}
      <div id="found" class="found" role="listbox" aria-label={label} hidden={isEmpty}>
        {groups.value?.map(({ name, found: some }) => (
          // biome-ignore lint/a11y/useSemanticElements: a group of options, not of fields
          <div key={name} role="group" aria-label={name}>
            <span class="dim" aria-hidden="true">
              {name}
            </span>
            {some.map((it) => {
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
