import { useSignal } from '@preact/signals';
import { ask } from '../ask.ts';
import { conditionsOf, fieldMoment } from '../flats-filter.ts';
import { type FlatLines, hasLine, isSilent, LINES, linesText } from '../lines.ts';
import { number, texts, timeOfDay } from '../locale.ts';
import { Overview as OverviewOperation, type OverviewQuery } from '../operations.ts';
import { Bar } from '../pictures/bar.tsx';
import { LinesWords } from '../pictures/pips.tsx';
import { AnswerState } from '../problem.tsx';
import { href } from '../route.ts';
import { mayAdminister } from '../session.ts';
import { useAnswer } from '../use-answer.ts';
import { usePolling } from '../use-polling.ts';
import { OTHER_KINDS } from './act.tsx';
import { ActTable } from './act-table.tsx';
import { CreateBuildingDialog } from './building-dialogs.tsx';

const POLL_MS = 10_000;

const SILENT = conditionsOf({
  isSmartphoneSipLineAvailable: false,
  isLandlineSipLineAvailable: false,
  isAnalogLineAvailable: false,
});

/** Whether all is well, and what is going on. It is read again while it is seen. */
export function Overview() {
  const answer = useAnswer('', (signal) => ask(OverviewOperation, lastDay(), signal));
  usePolling(POLL_MS, answer.reload);
  const { overview, summary, list, admin } = texts.value;
  const isCreating = useSignal(false);
  const { data } = answer;
  const statistics = data?.lineStatistics;
  return (
    <>
      <h1 tabIndex={-1}>{overview}</h1>
      {mayAdminister() && (
        <p class="buttons">
          <button
            type="button"
            onClick={() => {
              isCreating.value = true;
            }}
          >
            {admin.create}
          </button>
        </p>
      )}
      {isCreating.value && (
        <CreateBuildingDialog
          onClose={() => {
            isCreating.value = false;
          }}
        />
      )}
      <AnswerState answer={answer} />
      {data && statistics && (
        <>
          <dl class="tiles">
            <div>
              <dt>{summary.flats}</dt>
              <dd>
                <a href={href(['flats'])}>{number(statistics.flats)}</a>
              </dd>
            </div>
            <div>
              <dt>{summary.changed}</dt>
              <dd>{number(statistics.changedLastDay)}</dd>
            </div>
            <div>
              <dt>{summary.silent}</dt>
              <dd>
                <a href={href(['flats'], SILENT)}>
                  {number(statistics.states.find((it) => isSilent(it.properties))?.flats ?? 0)}
                </a>
              </dd>
            </div>
          </dl>
          <Hours hours={data.changeActivity ?? []} />
          {statistics.flats === 0 ? (
            <p class="note">{list.noFlats}</p>
          ) : (
            <States states={statistics.states} flats={statistics.flats} />
          )}
          <Silent intercoms={data.silentIntercoms ?? []} />
          <h2>{summary.last}</h2>
          <ActTable acts={data.changeSets?.nodes.toReversed() ?? []} />
          <p>
            <a href={href(['history'])}>{summary.all}</a>
          </p>
        </>
      )}
    </>
  );
}

const HOUR_MS = 3_600_000;
const ALL_KINDS = ['LINES_SET' as const, ...OTHER_KINDS];

/** All changes of the last 24 hours of the clock, of which the newest is not over. */
function lastDay() {
  const to = (Math.floor(Date.now() / HOUR_MS) + 1) * HOUR_MS;
  return { from: new Date(to - 24 * HOUR_MS).toISOString(), to: new Date(to).toISOString(), kinds: ALL_KINDS };
}

type Hour = NonNullable<OverviewQuery['changeActivity']>[number];

/** How many changes there were in each hour; a bar leads to them. */
function Hours({ hours }: { hours: readonly Hour[] }) {
  const { summary, log, moreThan } = texts.value;
  const most = Math.max(1, ...hours.map((it) => it.changes));
  return (
    <>
      <h2>{summary.hours}</h2>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <section class="scrolls" tabIndex={0} aria-label={summary.hours}>
        <ol class="hours">
          {hours.map(({ from, to, changes, changesIsExact }) => {
            const many = changesIsExact ? log.changes(changes) : moreThan(log.changes(changes));
            const name = summary.hour(timeOfDay(Date.parse(from)), timeOfDay(Date.parse(to)), many);
            return (
              <li key={from}>
                <a
                  href={href(['history'], { from: fieldMoment(from), to: fieldMoment(to) })}
                  aria-label={name}
                  title={name}
                >
                  <span style={{ height: `${(100 * changes) / most}%` }} />
                </a>
                <small aria-hidden="true">{timeOfDay(Date.parse(from)).slice(0, 2)}</small>
              </li>
            );
          })}
        </ol>
      </section>
    </>
  );
}

type Statistics = NonNullable<OverviewQuery['lineStatistics']>;

/** In how many flats which lines ring together: those with most lines first. */
function States({ states, flats }: Pick<Statistics, 'states' | 'flats'>) {
  const ringing = (lines: FlatLines) => LINES.filter((it) => hasLine(lines, it)).length;
  return (
    <>
      <h2>{texts.value.summary.rings}</h2>
      <ul class="states">
        {states
          .toSorted((a, b) => ringing(b.properties) - ringing(a.properties))
          .map(({ properties, flats: many }) => (
            <li key={linesText(properties)}>
              <a href={href(['flats'], conditionsOf(properties))}>
                <LinesWords lines={properties} />
              </a>
              <Bar part={many} whole={flats} />
              <b>{number(many)}</b>
            </li>
          ))}
      </ul>
    </>
  );
}

/** The buildings with the most flats in which nothing rings. */
function Silent({ intercoms }: { intercoms: NonNullable<OverviewQuery['silentIntercoms']> }) {
  const { summary } = texts.value;
  if (intercoms.length === 0) return null;
  return (
    <>
      <h2>{summary.silentHouses}</h2>
      <ul class="states">
        {intercoms.map(
          ({ silentFlats, intercom }) =>
            intercom && (
              <li key={intercom.intercomId}>
                <a href={href(['intercoms', intercom.intercomId])}>{intercom.title}</a>
                <Bar part={silentFlats} whole={intercom.flatCount} kind="silent" />
                <a href={href(['flats'], { intercom: intercom.intercomId, ...SILENT })}>
                  {summary.silentOf(number(silentFlats), number(intercom.flatCount))}
                </a>
              </li>
            ),
        )}
      </ul>
    </>
  );
}
