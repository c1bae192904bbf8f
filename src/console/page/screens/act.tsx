import { ask } from '../ask.ts';
import { dateTime, locale, texts } from '../locale.ts';
import { Act as ActOperation, type ActQuery, type ChangeKind, OtherChanges } from '../operations.ts';
import { AnswerState } from '../problem.tsx';
import { href } from '../route.ts';
import { Undo } from '../undo.tsx';
import { useAnswer } from '../use-answer.ts';
import { What } from './act-table.tsx';
import { ChangePages } from './change-pages.tsx';

type Found = Extract<NonNullable<ActQuery['node']>, { __typename: 'ChangeSet' }>;

const OTHER_KINDS = [
  ...(['FLAT_CREATED', 'KEYS_ATTACHED', 'KEYS_DETACHED', 'USERS_ATTACHED', 'USERS_DETACHED'] as const),
  ...(['INTERCOM_CREATED', 'INTERCOM_CHANGED', 'INTERCOM_DELETED'] as const),
] satisfies readonly ChangeKind[];

/** What one call changed, flat by flat, and how to take it back. */
export function Act({ id }: { id: string }) {
  const { log } = texts.value;
  const answer = useAnswer(`${id} ${locale.value}`, async (signal) => ({
    ...(await ask(ActOperation, { id }, signal)),
    others: (await ask(OtherChanges, { id, kinds: OTHER_KINDS }, signal)).changes?.nodes ?? [],
  }));
  const { data } = answer;
  const act = data?.node?.__typename === 'ChangeSet' ? data.node : undefined;
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
          <Undo key={id} changeSets={[id]} onDone={answer.reload} />
          {data.others.length > 0 && (
            <>
              <h2>{log.others}</h2>
              <ul>
                {data.others.map((it) => (
                  <li key={it.id}>
                    {log.kinds[it.kind]}
                    {': '}
                    <a href={href(['intercoms', it.intercomId, ...('flat' in it ? [it.flat] : [])])}>
                      {'flat' in it ? `#${it.intercomId}, ${texts.value.flatNumber(it.flat)}` : `#${it.intercomId}`}
                    </a>
                  </li>
                ))}
              </ul>
            </>
          )}
          {data.changes && data.changes.nodes.length > 0 && (
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

function Head({ act }: { act: Found }) {
  const { log } = texts.value;
  return (
    <dl class="facts">
      <dt>{log.actor}</dt>
      <dd>
        <b>{act.actor}</b> <span class="dim">{log.ways[act.channel]}</span>
      </dd>
      <dt>{log.when}</dt>
      <dd>
        <time dateTime={act.startedAt}>{dateTime(act.startedAt)}</time>
        {act.endedAt !== act.startedAt && (
          <>
            {' – '}
            <time dateTime={act.endedAt}>{dateTime(act.endedAt)}</time>
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
