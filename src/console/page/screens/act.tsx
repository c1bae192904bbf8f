import { ask } from '../ask.ts';
import { dateTime, locale, texts } from '../locale.ts';
import {
  Act as ActOperation,
  type ActQuery,
  type ChangeKind,
  OtherChanges,
  type OtherChangesQuery,
} from '../operations.ts';
import { AnswerState } from '../problem.tsx';
import { href } from '../route.ts';
import { Undo } from '../undo.tsx';
import { useAnswer } from '../use-answer.ts';
import { What } from './act-table.tsx';
import { ChangePages, Pages } from './change-pages.tsx';

type Found = Extract<NonNullable<ActQuery['node']>, { __typename: 'ChangeSet' }>;

/** All that is no change of lines. */
export const OTHER_KINDS = [
  ...(['FLAT_CREATED', 'KEYS_ATTACHED', 'KEYS_DETACHED', 'USERS_ATTACHED', 'USERS_DETACHED'] as const),
  ...(['INTERCOM_CREATED', 'INTERCOM_CHANGED', 'INTERCOM_DELETED'] as const),
] satisfies readonly ChangeKind[];

const readOthers = async (id: string, before?: string, signal?: AbortSignal) =>
  (await ask(OtherChanges, { id, kinds: OTHER_KINDS, before }, signal)).changes;

/** What one call changed, flat by flat, and how to take it back. */
export function Act({ id }: { id: string }) {
  const { log } = texts.value;
  const answer = useAnswer(`${id} ${locale.value}`, async (signal) => ({
    ...(await ask(ActOperation, { id }, signal)),
    others: await readOthers(id, undefined, signal),
  }));
  const { data } = answer;
  const act = data?.node?.__typename === 'ChangeSet' ? data.node : undefined;
  // Nothing else is taken back.
  const setsLines = (data?.changes?.nodes.length ?? 0) > 0;
  return (
    <>
      <h1 tabIndex={-1}>{log.act}</h1>
      <p>
        <a href={href(['history'])}>{log.back}</a>
      </p>
      <AnswerState answer={answer} />
      {data && !act && <p class="note">{log.pruned}</p>}
      {data && act && (
        <>
          <Head act={act} />
          {setsLines && <Undo key={id} changeSets={[id]} onDone={answer.reload} />}
          {data.others && data.others.nodes.length > 0 && (
            <>
              <h2>{log.others}</h2>
              <Pages
                key={answer.at}
                first={data.others}
                older={(before) => readOthers(id, before)}
                show={(rows) => <Others changes={rows} />}
              />
            </>
          )}
          {data.changes && setsLines && (
            <>
              <h2>{log.changesOfLines}</h2>
              <ChangePages
                key={answer.at}
                first={data.changes}
                older={async (before) => (await ask(ActOperation, { id, before })).changes}
              />
            </>
          )}
        </>
      )}
    </>
  );
}

type Other = NonNullable<OtherChangesQuery['changes']>['nodes'][number];

const Others = ({ changes }: { changes: readonly Other[] }) => (
  <ul>
    {changes.map((it) => (
      <li key={it.id}>
        {texts.value.log.kinds[it.kind]}
        {': '}
        <a href={href(['intercoms', it.intercomId, ...('flat' in it ? [it.flat] : [])])}>
          {'flat' in it ? `#${it.intercomId}, ${texts.value.flatNumber(it.flat)}` : `#${it.intercomId}`}
        </a>
      </li>
    ))}
  </ul>
);

function Head({ act }: { act: Found }) {
  const { log } = texts.value;
  const [start, end] = [dateTime(act.startedAt), dateTime(act.endedAt)];
  return (
    <dl class="facts">
      <dt>{log.actor}</dt>
      <dd>
        <b>{act.actor}</b> <span class="dim">{log.ways[act.channel]}</span>
      </dd>
      <dt>{log.when}</dt>
      <dd>
        <time dateTime={act.startedAt}>{start}</time>
        {end !== start && (
          <>
            {' – '}
            <time dateTime={act.endedAt}>{end}</time>
          </>
        )}
      </dd>
      <dt>{log.what}</dt>
      <dd>
        <What act={act} />
      </dd>
      {act.reason && (
        <>
          <dt>{log.why}</dt>
          <dd>{act.reason}</dd>
        </>
      )}
    </dl>
  );
}
