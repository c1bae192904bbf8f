import { useState } from 'preact/hooks';
import { type AskError, ask } from '../ask.ts';
import { momentOf } from '../flats-filter.ts';
import { newestFirst } from '../lines.ts';
import { locale, texts } from '../locale.ts';
import { type Channel, History as HistoryOperation, type HistoryQuery } from '../operations.ts';
import { AnswerState, Problem, toAskError } from '../problem.tsx';
import { goTo, href, place } from '../route.ts';
import { useAnswer } from '../use-answer.ts';
import { ChangeTable } from './change-table.tsx';

const CONDITIONS = ['actor', 'channel', 'intercom', 'flat', 'from', 'to'] as const;
const CHANNELS = ['GRAPHQL', 'REST', 'IMPORT', 'CLI'] as const satisfies readonly Channel[];

function filterOf(query: URLSearchParams) {
  const text = (it: (typeof CONDITIONS)[number]) => query.get(it)?.trim() || undefined;
  return {
    actor: text('actor'),
    channel: CHANNELS.find((it) => it === text('channel')),
    intercomId: text('intercom'),
    flatId: text('flat'),
    from: momentOf(text('from')),
    to: momentOf(text('to')),
  };
}

/** Who changed what, when, how and why, the newest first. */
export function History() {
  const { query } = place.value;
  const filter = filterOf(query);
  const first = useAnswer(`${query} ${locale.value}`, (signal) => ask(HistoryOperation, { filter }, signal));
  return (
    <>
      <h1 tabIndex={-1}>{texts.value.history}</h1>
      <Filter key={`${query}`} query={query} />
      <AnswerState answer={first} />
      {first.data?.changes && (
        <Pages
          key={first.at}
          first={first.data.changes}
          older={(before) => ask(HistoryOperation, { filter, before })}
        />
      )}
    </>
  );
}

function Filter({ query }: { query: URLSearchParams }) {
  const { log, filter, any } = texts.value;
  const field = (name: (typeof CONDITIONS)[number], label: string, more: Record<string, unknown> = {}) => (
    <label>
      {label}
      <input name={name} defaultValue={query.get(name) ?? ''} autocomplete="off" {...more} />
    </label>
  );
  return (
    <form
      class="filter"
      aria-label={filter.title}
      onSubmit={(event) => {
        event.preventDefault();
        const data = new FormData(event.currentTarget);
        goTo(href(['history'], Object.fromEntries(CONDITIONS.map((it) => [it, `${data.get(it) ?? ''}`.trim()]))));
      }}
    >
      {field('actor', log.actor, { class: 'middle' })}
      <label>
        {log.channel}
        <select name="channel">
          <option value="">{any}</option>
          {CHANNELS.map((it) => (
            <option key={it} value={it} selected={query.get('channel') === it}>
              {log.ways[it]}
            </option>
          ))}
        </select>
      </label>
      {field('intercom', log.intercom, { class: 'short', inputMode: 'numeric', pattern: '[0-9]{1,15}' })}
      {field('flat', log.flatId, { class: 'short', inputMode: 'numeric', pattern: '[0-9]{1,15}' })}
      {field('from', log.from, { type: 'datetime-local' })}
      {field('to', log.to, { type: 'datetime-local' })}
      <button type="submit">{filter.show}</button>
      {`${query}` !== '' && <a href={href(['history'])}>{filter.clear}</a>}
    </form>
  );
}

type Page = NonNullable<HistoryQuery['changes']>;

function Pages({ first, older }: { first: Page; older: (before: string) => Promise<HistoryQuery> }) {
  const [pages, setPages] = useState<readonly Page[]>([first]);
  const [error, setError] = useState<AskError>();
  const end = pages.at(-1)?.pageInfo;

  async function showOlder(): Promise<void> {
    setError(undefined);
    try {
      const { changes } = await older(end?.startCursor ?? '');
      if (changes) setPages([...pages, changes]);
    } catch (problem) {
      setError(toAskError(problem));
    }
  }
  return (
    <>
      <ChangeTable changes={pages.flatMap((it) => newestFirst(it.nodes))} />
      {error && <Problem error={error} />}
      {end?.hasPreviousPage && (
        <button type="button" onClick={showOlder}>
          {texts.value.log.older}
        </button>
      )}
    </>
  );
}
