import { ask } from '../ask.ts';
import { newestFirst } from '../lines.ts';
import { counted, number, texts } from '../locale.ts';
import { type CountFragment, Overview as OverviewOperation, type OverviewQuery } from '../operations.ts';
import { Bar } from '../pictures/bar.tsx';
import { LinesWords } from '../pictures/pips.tsx';
import { AnswerState } from '../problem.tsx';
import { href } from '../route.ts';
import { useAnswer } from '../use-answer.ts';
import { usePolling } from '../use-polling.ts';
import { ChangeTable } from './change-table.tsx';

const POLL_MS = 10_000;

const STATES = [
  { name: 'sla', smartphone: 'on', landline: 'on', handset: 'on' },
  { name: 'sl', smartphone: 'on', landline: 'on', handset: 'off' },
  { name: 'sa', smartphone: 'on', landline: 'off', handset: 'on' },
  { name: 'la', smartphone: 'off', landline: 'on', handset: 'on' },
  { name: 's', smartphone: 'on', landline: 'off', handset: 'off' },
  { name: 'l', smartphone: 'off', landline: 'on', handset: 'off' },
  { name: 'a', smartphone: 'off', landline: 'off', handset: 'on' },
  { name: 'none', smartphone: 'off', landline: 'off', handset: 'off' },
] as const;

type Counts = Pick<OverviewQuery, (typeof STATES)[number]['name']>;

/** Whether all is well, and what is going on. It is read again while it is seen. */
export function Overview() {
  const answer = useAnswer('', (signal) => ask(OverviewOperation, {}, signal));
  usePolling(POLL_MS, answer.reload);
  const { overview, summary, list } = texts.value;
  const { data } = answer;
  const statistics = data?.lineStatistics;
  return (
    <>
      <h1 tabIndex={-1}>{overview}</h1>
      <AnswerState answer={answer} />
      {data && statistics && (
        <>
          <dl class="tiles">
            <div>
              <dt>{summary.flats}</dt>
              <dd>{number(statistics.flats)}</dd>
            </div>
            <div>
              <dt>{summary.changed}</dt>
              <dd>{number(statistics.changedLastDay)}</dd>
            </div>
            <div>
              <dt>{summary.silent}</dt>
              <dd>
                <a href={href(['flats'], { smartphone: 'off', landline: 'off', handset: 'off' })}>
                  {data.none ? counted(data.none) : ''}
                </a>
              </dd>
            </div>
          </dl>
          {statistics.flats === 0 ? (
            <p class="note">{list.noFlats}</p>
          ) : (
            <States counts={data} flats={statistics.flats} />
          )}
          <h2>{summary.last}</h2>
          <ChangeTable changes={newestFirst(data.changes?.nodes ?? [])} />
          <p>
            <a href={href(['history'])}>{summary.all}</a>
          </p>
        </>
      )}
    </>
  );
}

/** In how many flats which lines ring together. */
function States({ counts, flats }: { counts: Counts; flats: number }) {
  const { summary } = texts.value;
  return (
    <>
      <h2>{summary.rings}</h2>
      <ul class="states">
        {STATES.map(({ name, smartphone, landline, handset }) => {
          const found: CountFragment | null = counts[name];
          if (!found) return null;
          const lines = {
            isSmartphoneSipLineAvailable: smartphone === 'on',
            isLandlineSipLineAvailable: landline === 'on',
            isAnalogLineAvailable: handset === 'on',
          };
          return (
            <li key={name}>
              <a href={href(['flats'], { smartphone, landline, handset })}>
                <LinesWords lines={lines} />
              </a>
              <Bar part={found.totalCount} whole={flats} />
              <b>{counted(found)}</b>
            </li>
          );
        })}
      </ul>
    </>
  );
}
