import { ask } from '../ask.ts';
import { momentOf } from '../flats-filter.ts';
import { locale, texts } from '../locale.ts';
import {
  Acts,
  type ChangeFilter,
  type ChangeSetFilter,
  type Channel,
  History as HistoryOperation,
} from '../operations.ts';
import { AnswerState } from '../problem.tsx';
import { goTo, href, place } from '../route.ts';
import { useAnswer } from '../use-answer.ts';
import { ActTable } from './act-table.tsx';
import { ChangePages, Pages } from './change-pages.tsx';

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

/** Who changed what, when, how and why, the newest first: call by call, or change by change for a building or a flat. */
export function History() {
  const { query } = place.value;
  const { intercomId, flatId, ...filter } = filterOf(query);
  const isOfPlace = intercomId !== undefined || flatId !== undefined;
  return (
    <>
      <h1 tabIndex={-1}>{texts.value.history}</h1>
      <Filter key={`${query}`} query={query} />
      {isOfPlace ? <Changes filter={{ ...filter, intercomId, flatId }} /> : <AllActs filter={filter} />}
    </>
  );
}

function AllActs({ filter }: { filter: ChangeSetFilter }) {
  const read = async (before?: string, signal?: AbortSignal) =>
    (await ask(Acts, { filter, before }, signal)).changeSets;
  const first = useAnswer(`${JSON.stringify(filter)} ${locale.value}`, (signal) => read(undefined, signal));
  return (
    <>
      <AnswerState answer={first} />
      {first.data && <Pages key={first.at} first={first.data} older={read} show={(it) => <ActTable acts={it} />} />}
    </>
  );
}

function Changes({ filter }: { filter: ChangeFilter }) {
  const read = async (before?: string, signal?: AbortSignal) =>
    (await ask(HistoryOperation, { filter, before }, signal)).changes;
  const first = useAnswer(`${JSON.stringify(filter)} ${locale.value}`, (signal) => read(undefined, signal));
  return (
    <>
      <AnswerState answer={first} />
      {first.data && <ChangePages key={first.at} first={first.data} older={read} />}
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
