import { dateTime, texts } from '../locale.ts';
import type { ChangeRowFragment } from '../operations.ts';
import { LinesWords } from '../pictures/pips.tsx';
import { href } from '../route.ts';

interface ChangeTableProps {
  readonly changes: readonly (ChangeRowFragment & {
    readonly intercomFlat?: { readonly intercom: { readonly title: string } | null } | null;
  })[];
}

/** Rows of the change log, the newest first. */
export function ChangeTable({ changes }: ChangeTableProps) {
  const { log, flat, flatNumber } = texts.value;
  if (changes.length === 0) return <p class="dim">{log.empty}</p>;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <section class="scrolls" tabIndex={0} aria-label={log.change}>
      <table>
        <thead>
          <tr>
            <th scope="col">{log.when}</th>
            <th scope="col">{log.actor}</th>
            <th scope="col">{flat}</th>
            <th scope="col">{log.change}</th>
            <th scope="col">{log.why}</th>
          </tr>
        </thead>
        <tbody>
          {changes.map((it) => (
            <tr key={it.cursor}>
              <td>
                <time dateTime={it.changedAt}>{dateTime(it.changedAt)}</time>
              </td>
              <td>
                <b>{it.actor}</b> <span class="dim">{log.ways[it.channel]}</span>
              </td>
              <td>
                <a href={href(['intercoms', it.intercomId, it.flat])}>{flatNumber(it.flat)}</a>{' '}
                <span class="dim">{it.intercomFlat?.intercom?.title ?? `#${it.intercomId}`}</span>
              </td>
              <td>
                <LinesWords lines={it.before} /> → <LinesWords lines={it.after} />
              </td>
              <td>{it.reason}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
