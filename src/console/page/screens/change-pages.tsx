import { type ComponentChildren, Fragment } from 'preact';
import { useState } from 'preact/hooks';
import type { AskError } from '../ask.ts';
import { newestFirst } from '../lines.ts';
import { texts } from '../locale.ts';
import type { HistoryQuery } from '../operations.ts';
import { Problem, toAskError } from '../problem.tsx';
import { ChangeTable } from './change-table.tsx';

interface PageOf<Row> {
  readonly nodes: readonly Row[];
  readonly pageInfo: { readonly startCursor: string | null; readonly hasPreviousPage: boolean };
}

interface PagesProps<Row> {
  readonly first: PageOf<Row>;
  readonly older: (before: string) => Promise<PageOf<Row> | null>;
  readonly show: (rows: readonly Row[]) => ComponentChildren;
}

/** A list of the log from its end, of which older pages are added when they are asked for. */
export function Pages<Row>({ first, older, show }: PagesProps<Row>) {
  const [pages, setPages] = useState<readonly PageOf<Row>[]>([first]);
  const [error, setError] = useState<AskError>();
  const end = pages.at(-1)?.pageInfo;

  async function showOlder(): Promise<void> {
    setError(undefined);
    try {
      const page = await older(end?.startCursor ?? '');
      if (page) setPages([...pages, page]);
    } catch (problem) {
      setError(toAskError(problem));
    }
  }
  return (
    <Fragment>
      {show(pages.flatMap((it) => it.nodes.toReversed()))}
      {error && <Problem error={error} />}
      {end?.hasPreviousPage && (
        <button type="button" onClick={showOlder}>
          {texts.value.log.older}
        </button>
      )}
    </Fragment>
  );
}

type Changes = NonNullable<HistoryQuery['changes']>;

/** Changes of lines, the newest first. */
export const ChangePages = ({ first, older }: Pick<PagesProps<Changes['nodes'][number]>, 'first' | 'older'>) => (
  <Pages first={first} older={older} show={(rows) => <ChangeTable changes={newestFirst(rows.toReversed())} />} />
);
