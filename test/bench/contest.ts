// Sides that are measured in turns, so that what disturbs the machine disturbs all of them. A ratio is taken in each round, of
// neighbours in time, and the median of the rounds counts.
import { fixed, median, table, whole } from './table.ts';

export interface Figures {
  readonly perSecond: number;
  /** Milliseconds. */
  readonly p50?: number;
  readonly p99?: number;
  /** What it took, by the name of its column. */
  readonly costs?: Readonly<Record<string, number>>;
}

export interface Contest {
  readonly name: string;
  readonly run: () => Promise<Figures>;
  readonly rounds: Figures[];
}

export const contest = (name: string, run: () => Promise<Figures>): Contest => ({ name, run, rounds: [] });

/** One more round of all of them. */
export async function compete(contests: readonly Contest[]): Promise<void> {
  const round = contests[0]?.rounds.length ?? 0;
  // Every other round goes backwards, so that nobody always comes after the same one.
  for (const it of round % 2 === 0 ? contests : contests.toReversed()) {
    process.stderr.write(`round ${round + 1}: ${it.name}\n`);
    it.rounds.push(await it.run());
  }
}

export function figuresTable(contests: readonly Contest[]): string {
  const costs = [...new Set(contests.flatMap(({ rounds }) => rounds.flatMap((it) => Object.keys(it.costs ?? {}))))];
  const cell = (values: readonly (number | undefined)[]) =>
    values.every((it) => it !== undefined) ? fixed(median(values)) : '';
  return table(
    ['side', 'per second', 'p50 ms', 'p99 ms', 'lowest', 'highest', ...costs],
    contests.map(({ name, rounds }) => {
      const rates = rounds.map((it) => it.perSecond);
      return [
        name,
        whole(median(rates)),
        cell(rounds.map((it) => it.p50)),
        cell(rounds.map((it) => it.p99)),
        whole(Math.min(...rates)),
        whole(Math.max(...rates)),
        ...costs.map((cost) => cell(rounds.map((it) => it.costs?.[cost]))),
      ];
    }),
  );
}

export const RATIO_HEADER = ['ratio', 'target', 'reached', 'lowest', 'highest', 'met'];

/** How two sides compare, as a row under `RATIO_HEADER`. */
export function ratioRow(name: string, a: Contest, b: Contest, target?: number): readonly string[] {
  const ratios = a.rounds.map((it, round) => it.perSecond / (b.rounds[round] as Figures).perSecond);
  const reached = median(ratios);
  const spread = [Math.min(...ratios), Math.max(...ratios)].map(fixed);
  if (target === undefined) return [name, '', fixed(reached), ...spread, ''];
  return [name, `>= ${fixed(target)}`, fixed(reached), ...spread, reached >= target ? 'yes' : 'no'];
}

/** A figure that has to be small, as a row under `RATIO_HEADER`. */
export function limitRow(name: string, values: readonly number[], target?: number): readonly string[] {
  const reached = median(values);
  const spread = [Math.min(...values), Math.max(...values)].map(fixed);
  if (target === undefined) return [name, '', fixed(reached), ...spread, ''];
  return [name, `<= ${fixed(target)}`, fixed(reached), ...spread, reached <= target ? 'yes' : 'no'];
}
