/** The phone lines that can ring in a flat. A new line is one entry here and one migration. */
export const LINES = ['smartphoneSip', 'landlineSip', 'analog'] as const;

export type Line = (typeof LINES)[number];

/** Which lines of a flat are available. */
export type Lines = Readonly<Record<Line, boolean>>;

/** The lines to set; a line that is absent stays as it is. */
export type LinesPatch = Readonly<Partial<Lines>>;

export function linesFrom(read: (line: Line, index: number) => boolean): Lines {
  const lines = {} as Record<Line, boolean>;
  for (let index = 0; index < LINES.length; index++) {
    const line = LINES[index] as Line;
    lines[line] = read(line, index);
  }
  return lines;
}

/** A flat that comes into being has every line, unless it is said otherwise. */
export const ALL_AVAILABLE: Lines = linesFrom(() => true);

export const patchLines = (lines: Lines, patch: LinesPatch): Lines => ({ ...lines, ...patch });

/** Whether the lines that are given are so; those that are absent do not matter. */
export const hasLines = (lines: Lines, wanted: LinesPatch): boolean =>
  LINES.every((line) => wanted[line] === undefined || wanted[line] === lines[line]);

export const sameLines = (a: Lines, b: Lines): boolean => LINES.every((line) => a[line] === b[line]);
