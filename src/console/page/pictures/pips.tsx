import { type FlatLines, hasLine, isSilent, LINES, linesText } from '../lines.ts';

/** Three signs in the order of the lines: filled where the line rings. Beside words; alone they need a name. */
export const Pips = ({ lines }: { lines: FlatLines }) => (
  <span class="pips" aria-hidden="true">
    {LINES.map((it) => (
      <i key={it} class={hasLine(lines, it) ? `pip ${it}` : 'pip'} />
    ))}
  </span>
);

export const LinesWords = ({ lines }: { lines: FlatLines }) => (
  <span class={isSilent(lines) ? 'lines silent' : 'lines'}>
    <Pips lines={lines} /> {linesText(lines)}
  </span>
);
