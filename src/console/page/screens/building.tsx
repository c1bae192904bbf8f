import type { ComponentProps } from 'preact';
import { memo } from 'preact/compat';
import { useEffect, useRef, useState } from 'preact/hooks';
import { ask } from '../ask.ts';
import { follow } from '../feed.ts';
import { createHouseFlats, type HouseFlat } from '../house-flats.ts';
import { hasLine, isSilent, LINES, linesText } from '../lines.ts';
import { locale, number, texts } from '../locale.ts';
import { BuildingChanges, Building as BuildingOperation } from '../operations.ts';
import { Bar } from '../pictures/bar.tsx';
import { Pips } from '../pictures/pips.tsx';
import { AnswerState } from '../problem.tsx';
import { goTo, href } from '../route.ts';
import { mayAdminister, mayWrite } from '../session.ts';
import { useAnswer } from '../use-answer.ts';
import { DeleteBuildingDialog, EditBuildingDialog } from './building-dialogs.tsx';
import { Flat } from './flat.tsx';

/** A house: all its flats in one picture that changes as others change them, and one flat beside it. */
export function Building({ id, flat }: { id: string; flat: string | undefined }) {
  const [after, setAfter] = useState<string>();
  const [house] = useState(createHouseFlats);
  const answer = useAnswer(`${id} ${after} ${locale.value}`, (signal) =>
    ask(BuildingOperation, { intercomId: id, after }, signal),
  );
  const { at, reload } = answer;
  // What was read stays until the next is: with it, the draft of a flat would go.
  const last = useRef(answer.data);
  last.current = answer.data ?? last.current;
  const data = last.current;
  const intercom = data?.intercom;
  const page = intercom?.flats;
  const head = answer.data?.changesHead;

  useEffect(() => {
    if (page) house.put(...page.nodes);
  }, [page, house]);
  useEffect(() => {
    if (head === undefined) return;
    return follow(BuildingChanges, { intercomId: id }, ({ intercomFlatChanged }) => intercomFlatChanged, {
      after: head,
      cursorOf: ({ cursor }) => cursor,
      onEvent: house.change,
      onExpired: reload,
    });
  }, [head, at, id, house]);

  const { house: words, building, manyFlats } = texts.value;
  const shown = page?.nodes.map((it) => house.flats.value.get(it.flatId) ?? it) ?? [];
  return (
    <>
      <h1 tabIndex={-1}>{intercom?.title || `${building} ${id}`}</h1>
      <AnswerState answer={answer} />
      {data && !intercom && (
        <p class="note">
          {words.gone} <a href={href(['history'], { intercom: id })}>{words.itsHistory}</a>
        </p>
      )}
      {intercom && page && (
        <>
          <p class="dim">
            #{intercom.intercomId}
            {intercom.externalId !== null && ` · ${intercom.externalId}`} · {manyFlats(intercom.flatCount)} ·{' '}
            <a href={href(['history'], { intercom: id })}>{words.itsHistory}</a>
            {mayWrite() && (
              <>
                {' · '}
                <a href={href(['flats'], { intercom: id })}>{words.allFlats}</a>
              </>
            )}
          </p>
          {mayAdminister() && <Administration known={intercom} onEdited={reload} />}
          <div class="house">
            <div>
              <Legend />
              {shown.length === 0 ? <p>{words.empty}</p> : <Grid id={id} flats={shown} open={flat} />}
              <p class="buttons">
                {after !== undefined && (
                  <button type="button" onClick={() => setAfter(undefined)}>
                    {words.first}
                  </button>
                )}
                {page.pageInfo.hasNextPage && (
                  <button type="button" onClick={() => setAfter(page.pageInfo.endCursor ?? undefined)}>
                    {words.more}
                  </button>
                )}
              </p>
              <Shares flats={shown} />
            </div>
            {flat !== undefined && <Flat key={flat} id={id} number={Number(flat)} house={house} />}
          </div>
        </>
      )}
    </>
  );
}

/** What administrators may do to a building. */
function Administration({
  known,
  onEdited,
}: {
  known: ComponentProps<typeof EditBuildingDialog>['known'];
  onEdited: () => void;
}) {
  const { admin } = texts.value;
  const [asks, setAsks] = useState<'edit' | 'delete'>();
  const close = () => setAsks(undefined);
  return (
    <p class="buttons">
      <button type="button" onClick={() => setAsks('edit')}>
        {admin.edit}
      </button>
      <button type="button" onClick={() => setAsks('delete')}>
        {admin.delete}
      </button>
      {asks === 'edit' && (
        <EditBuildingDialog
          known={known}
          onDone={() => {
            close();
            onEdited();
          }}
          onClose={close}
        />
      )}
      {asks === 'delete' && <DeleteBuildingDialog known={known} onDone={() => goTo(href([]))} onClose={close} />}
    </p>
  );
}

const Legend = () => (
  <p class="legend">
    {LINES.map((it) => (
      <span key={it}>
        <i class={`pip ${it}`} aria-hidden="true" /> {texts.value.lines[it]}
      </span>
    ))}
    <span>
      <i class="pip none" aria-hidden="true" /> {texts.value.nothingRings}
    </span>
  </p>
);

interface GridProps {
  readonly id: string;
  readonly flats: readonly HouseFlat[];
  /** The number of the flat that is open. */
  readonly open: string | undefined;
}

/** One stop for Tab; the arrow keys walk by row and column. */
function Grid({ id, flats, open }: GridProps) {
  const grid = useRef<HTMLUListElement>(null);
  const [current, setCurrent] = useState(open);
  const tabStop = flats.some((it) => `${it.flat}` === current) ? current : `${flats[0]?.flat}`;

  // Who closes a flat is back at its cell.
  const wasOpen = useRef(open);
  useEffect(() => {
    if (open === undefined && wasOpen.current !== undefined) {
      grid.current?.querySelector<HTMLElement>(`[data-flat="${CSS.escape(wasOpen.current)}"]`)?.focus();
    }
    wasOpen.current = open;
  }, [open]);

  function onKeyDown(event: KeyboardEvent): void {
    const cells = [...(grid.current?.querySelectorAll<HTMLElement>('a') ?? [])];
    const at = cells.indexOf(document.activeElement as HTMLElement);
    const top = cells[0]?.offsetTop;
    const columns = cells.filter((it) => it.offsetTop === top).length;
    const steps: Readonly<Record<string, number>> = {
      ArrowRight: at + 1,
      ArrowLeft: at - 1,
      ArrowDown: at + columns,
      ArrowUp: at - columns,
      Home: 0,
      End: cells.length - 1,
    };
    const to = steps[event.key];
    if (at < 0 || to === undefined || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    cells[to]?.focus();
  }

  return (
    <ul
      class="grid"
      ref={grid}
      aria-label={texts.value.house.grid}
      onKeyDown={onKeyDown}
      onFocusIn={(event) => {
        if (event.target instanceof HTMLElement) setCurrent(event.target.dataset['flat']);
      }}
    >
      {flats.map((it) => (
        <Cell
          key={it.flatId}
          id={id}
          flat={it}
          isOpen={`${it.flat}` === open}
          isTabStop={`${it.flat}` === tabStop}
          label={`${texts.value.flatNumber(it.flat)}: ${linesText(it.properties)}`}
        />
      ))}
    </ul>
  );
}

interface CellProps {
  readonly id: string;
  readonly flat: HouseFlat;
  readonly isOpen: boolean;
  readonly isTabStop: boolean;
  readonly label: string;
}

/** Rendered again only when its own flat has changed: a house may have hundreds. */
const Cell = memo(({ id, flat: { flat, properties, changedBy, version }, isOpen, isTabStop, label }: CellProps) => (
  <li>
    <a
      // A new element shows its flash anew.
      key={changedBy === undefined ? 0 : version}
      href={href(['intercoms', id, flat])}
      class={`cell${isSilent(properties) ? ' silent' : ''}${changedBy === undefined ? '' : ' fresh'}`}
      data-flat={flat}
      tabIndex={isTabStop ? 0 : -1}
      aria-label={label}
      aria-current={isOpen ? 'true' : undefined}
    >
      {flat}
      <Pips lines={properties} />
    </a>
  </li>
));

/** In how many of the flats each line rings. */
const Shares = ({ flats }: { flats: readonly HouseFlat[] }) => (
  <>
    {LINES.map((line) => {
      const part = flats.filter((it) => hasLine(it.properties, line)).length;
      return (
        <figure key={line}>
          <figcaption>
            {texts.value.house.share(texts.value.lines[line], number(part), number(flats.length))}
          </figcaption>
          <Bar part={part} whole={flats.length} kind={line} />
        </figure>
      );
    })}
  </>
);
