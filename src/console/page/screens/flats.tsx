import { useSignal } from '@preact/signals';
import { useEffect, useState } from 'preact/hooks';
import { type AskError, ask } from '../ask.ts';
import { CONDITIONS, type Condition, filterOf, LINE_CONDITIONS } from '../flats-filter.ts';
import { LINES } from '../lines.ts';
import { counted, dateTime, locale, number, texts } from '../locale.ts';
import { type FlatRowFragment, FlatsCount, FlatsPage, type IntercomFlatFilter } from '../operations.ts';
import { LinesWords } from '../pictures/pips.tsx';
import { AnswerState, Problem, toAskError } from '../problem.tsx';
import { goTo, href, place } from '../route.ts';
import { mayWrite } from '../session.ts';
import { useAnswer } from '../use-answer.ts';
import { useLiveRows } from '../use-live-rows.ts';
import { Bulk } from './bulk.tsx';
import { Export } from './export.tsx';

const MAX_ROWS = 1_000;

type Row = FlatRowFragment;

/** Which flats the change is of: those that were chosen, or all that match. */
type Target = 'chosen' | 'all';

/** A list of flats by what is known of them, and the change of many. */
export function Flats() {
  const { query } = place.value;
  const key = `${query}`;
  const filter = filterOf(query);
  const first = useAnswer(`${key} ${locale.value}`, (signal) => ask(FlatsPage, { filter }, signal));
  const count = useAnswer(key, (signal) => ask(FlatsCount, { filter }, signal));
  const chosen = useSignal<ReadonlyMap<string, Row>>(new Map());
  const wasDropped = useSignal(false);
  const target = useSignal<Target | undefined>(undefined);

  // A choice belongs to the list in which it was made, and a preview to its filter.
  useEffect(() => {
    wasDropped.value = chosen.peek().size > 0;
    chosen.value = new Map();
    target.value = undefined;
  }, [key]);

  const begin = (of: Target) => {
    target.value = of;
  };
  const { flats, list } = texts.value;
  const total = count.data?.intercomFlats;
  return (
    <>
      <h1 tabIndex={-1}>{flats}</h1>
      <Filter key={key} query={query} />
      <p class="counts" role="status">
        {total ? list.match(counted(total)) : count.error ? '' : <span class="late">{list.counting}</span>}
        {chosen.value.size > 0 && ` · ${list.chosen(chosen.value.size)}`}
        {wasDropped.value && ` · ${list.dropped}`}
      </p>
      {target.value === undefined && total?.totalCount !== 0 && (first.data || first.isLoading) && (
        <div class="buttons">
          {mayWrite() && chosen.value.size > 0 && (
            <button type="button" onClick={() => begin('chosen')}>
              {list.changeChosen(chosen.value.size)}
            </button>
          )}
          {mayWrite() && (
            <button type="button" onClick={() => begin('all')}>
              {list.changeAll}
            </button>
          )}
          <Export key={key} filter={filter} />
        </div>
      )}
      {target.value && (
        <Bulk
          key={target.value}
          filter={filter}
          rows={target.value === 'chosen' ? [...chosen.value.values()] : undefined}
          onClose={() => {
            target.value = undefined;
          }}
          onDone={() => {
            chosen.value = new Map();
            first.reload();
            count.reload();
          }}
        />
      )}
      <AnswerState answer={first} />
      {first.data?.intercomFlats && (
        <Rows
          key={first.at}
          first={first.data.intercomFlats}
          more={(after) => ask(FlatsPage, { filter, after })}
          filter={filter}
          onReload={() => {
            first.reload();
            count.reload();
          }}
          chosen={chosen.value}
          onChoose={(rows, isChosen) => {
            const next = new Map(chosen.value);
            for (const it of rows) {
              if (isChosen) next.set(it.flatId, it);
              else next.delete(it.flatId);
            }
            chosen.value = next;
            wasDropped.value = false;
          }}
          emptyText={key === '' ? list.noFlats : list.empty}
        />
      )}
    </>
  );
}

/** The conditions. They are the address: a page that shows a list can be kept and passed on. */
function Filter({ query }: { query: URLSearchParams }) {
  const { filter, lines, on, off, any, building } = texts.value;

  function show(form: HTMLFormElement): void {
    const data = new FormData(form);
    const conditions = Object.fromEntries(CONDITIONS.map((it) => [it, `${data.get(it) ?? ''}`.trim()]));
    goTo(href(['flats'], conditions));
  }
  const field = (name: Condition, label: string, more: Record<string, unknown> = {}) => (
    <label>
      {label}
      <input name={name} defaultValue={query.get(name) ?? ''} autocomplete="off" {...more} />
    </label>
  );
  const numeric = { inputMode: 'numeric', pattern: '[0-9]{1,9}', class: 'short' };
  return (
    <form
      class="filter"
      aria-label={filter.title}
      onSubmit={(event) => {
        event.preventDefault();
        show(event.currentTarget);
      }}
    >
      {field('address', filter.address, { minLength: 3, title: filter.addressHint })}
      {field('from', filter.from, numeric)}
      {field('to', filter.to, numeric)}
      {LINES.map((line) => (
        <label key={line}>
          {lines[line]}
          <select
            name={LINE_CONDITIONS[line]}
            onChange={(event) => {
              const { form } = event.currentTarget;
              if (form?.reportValidity()) show(form);
            }}
          >
            {[
              ['', any],
              ['on', on],
              ['off', off],
            ].map(([value, text]) => (
              <option key={value} value={value} selected={(query.get(LINE_CONDITIONS[line]) ?? '') === value}>
                {text}
              </option>
            ))}
          </select>
        </label>
      ))}
      {field('key', filter.key, { class: 'middle' })}
      {field('login', filter.login, { class: 'middle' })}
      {field('since', filter.since, { type: 'datetime-local' })}
      {field('intercom', building, numeric)}
      <button type="submit">{filter.show}</button>
      {`${query}` !== '' && <a href={href(['flats'])}>{filter.clear}</a>}
    </form>
  );
}

interface Page {
  readonly nodes: readonly Row[];
  readonly pageInfo: { readonly endCursor: string | null; readonly hasNextPage: boolean };
}

interface RowsProps {
  readonly filter: IntercomFlatFilter;
  readonly onReload: () => void;
  readonly first: Page;
  readonly more: (after: string) => Promise<{ intercomFlats: Page | null }>;
  readonly chosen: ReadonlyMap<string, Row>;
  readonly onChoose: (rows: readonly Row[], isChosen: boolean) => void;
  readonly emptyText: string;
}

function Rows({ first, more, filter, onReload, chosen, onChoose, emptyText }: RowsProps) {
  const { list, flat } = texts.value;
  const [pages, setPages] = useState<readonly Page[]>([first]);
  const [error, setError] = useState<AskError>();
  const read = pages.flatMap((it) => it.nodes);
  const { now, gone } = useLiveRows(read, filter);
  const rows = read.map((it) => now.get(it.flatId) ?? it);
  const end = pages.at(-1)?.pageInfo;
  if (rows.length === 0) return <p>{emptyText}</p>;

  async function showMore(): Promise<void> {
    setError(undefined);
    try {
      const { intercomFlats } = await more(end?.endCursor ?? '');
      if (intercomFlats) setPages([...pages, intercomFlats]);
    } catch (problem) {
      setError(toAskError(problem));
    }
  }
  return (
    <>
      {gone.size > 0 && (
        <p class="note" role="status">
          {list.gone(gone.size)}{' '}
          <button type="button" onClick={onReload}>
            {list.refresh}
          </button>
        </p>
      )}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <section class="scrolls" tabIndex={0} aria-label={texts.value.flats}>
        <table>
          <thead>
            <tr>
              {mayWrite() && <td />}
              <th scope="col">{list.address}</th>
              <th scope="col">{flat}</th>
              <th scope="col">{list.lines}</th>
              <th scope="col">{list.keys}</th>
              <th scope="col">{list.users}</th>
              <th scope="col">{list.changed}</th>
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => {
              const address = row.intercom?.title ?? `#${row.intercomId}`;
              return (
                <tr key={row.flatId} class={gone.has(row.flatId) ? 'gone' : undefined}>
                  {mayWrite() && (
                    <td>
                      <input
                        type="checkbox"
                        aria-label={list.choose(row.flat, address)}
                        checked={chosen.has(row.flatId)}
                        onChange={(event) => onChoose([row], event.currentTarget.checked)}
                      />
                    </td>
                  )}
                  <td>
                    <a href={href(['intercoms', row.intercomId])}>{address}</a>
                  </td>
                  <th scope="row">
                    <a href={href(['intercoms', row.intercomId, row.flat])}>{row.flat}</a>
                  </th>
                  <td>
                    <LinesWords lines={row.properties} />
                  </td>
                  <td>{number(row.keyCount)}</td>
                  <td>{number(row.usersCount)}</td>
                  <td>
                    <time dateTime={row.updatedAt}>{dateTime(row.updatedAt)}</time>
                  </td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </section>
      {error && <Problem error={error} />}
      {end?.hasNextPage &&
        (rows.length >= MAX_ROWS ? (
          <p class="note">{list.enough}</p>
        ) : (
          <button type="button" onClick={showMore}>
            {list.more}
          </button>
        ))}
    </>
  );
}
