import { dateTime, texts } from '../locale.ts';
import type { ActRowFragment } from '../operations.ts';
import { LinesWords } from '../pictures/pips.tsx';
import { href } from '../route.ts';

/** Who did what, one row a call, the newest first. */
export function ActTable({ acts }: { acts: readonly ActRowFragment[] }) {
  const { log } = texts.value;
  if (acts.length === 0) return <p class="dim">{log.empty}</p>;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <section class="scrolls" tabIndex={0} aria-label={log.acts}>
      <table>
        <thead>
          <tr>
            <th scope="col">{log.when}</th>
            <th scope="col">{log.actor}</th>
            <th scope="col">{log.what}</th>
            <th scope="col">{log.change}</th>
            <th scope="col">{log.why}</th>
          </tr>
        </thead>
        <tbody>
          {acts.map((it) => (
            <tr key={it.id}>
              <td>
                <a href={href(['history', it.id])}>
                  <time dateTime={it.startedAt}>{dateTime(it.startedAt)}</time>
                </a>
              </td>
              <td>
                <b>{it.actor}</b> <span class="dim">{log.ways[it.channel]}</span>
              </td>
              <td>
                <What act={it} />
              </td>
              <td>
                <FirstChange act={it} />
              </td>
              <td>{it.reason}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

/** The flat that it changed, or how many. */
export function What({ act: { id, changes, flats, flatsIsExact, firstChange } }: { act: ActRowFragment }) {
  const { log, flatNumber, manyFlats } = texts.value;
  if (changes === 1 && firstChange.__typename === 'LinesChange') {
    const { intercomId, flat, intercomFlat } = firstChange;
    return (
      <>
        <a href={href(['intercoms', intercomId, flat])}>{flatNumber(flat)}</a>{' '}
        <span class="dim">{intercomFlat?.intercom?.title ?? `#${intercomId}`}</span>
      </>
    );
  }
  // Flats are counted up to a limit, changes are not.
  return <a href={href(['history', id])}>{flats > 0 && flatsIsExact ? manyFlats(flats) : log.changes(changes)}</a>;
}

/** Its first change: a call mostly does the same to all of its flats. */
function FirstChange({ act: { changes, firstChange } }: { act: ActRowFragment }) {
  const { log } = texts.value;
  return (
    <>
      {changes > 1 && <span class="dim">{log.first} </span>}
      {firstChange.__typename === 'LinesChange' ? (
        <>
          <LinesWords lines={firstChange.before} /> → <LinesWords lines={firstChange.after} />
        </>
      ) : (
        log.kinds[firstChange.kind]
      )}
    </>
  );
}
