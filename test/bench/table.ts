// Tables of text, aligned so that they read well on a terminal and as Markdown.

export function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = header.map((name, column) => Math.max(name.length, ...rows.map((row) => row[column]?.length ?? 0)));
  const line = (cells: readonly string[]) =>
    `| ${cells.map((it, column) => (column === 0 ? it.padEnd(widths[0] ?? 0) : it.padStart(widths[column] ?? 0))).join(' | ')} |\n`;
  return (
    line(header) +
    line(widths.map((width, column) => (column === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`))) +
    rows.map(line).join('')
  );
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  return ((sorted[Math.floor(middle - 0.5)] as number) + (sorted[Math.floor(middle)] as number)) / 2;
}

export const whole = (value: number): string => Math.round(value).toLocaleString('en-US');
export const fixed = (value: number): string => value.toFixed(2);
