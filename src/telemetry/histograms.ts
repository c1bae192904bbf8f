import type { Registry } from '@prometheus-io/client';

/** Counts values in buckets; an observation costs one addition. */
export interface Tally {
  observe(value: number): void;
}

interface Described {
  readonly name: string;
  readonly help: string;
  /** Upper bounds, in growing order. */
  readonly buckets: readonly number[];
}

/**
 * A Prometheus histogram for each value of its one label, all of them known from the start. The library's own one looks its
 * labels up for every observation, which costs more than everything else.
 */
export function createHistograms<Name extends string>(
  registry: Registry,
  { name, help, buckets }: Described,
  label: string,
  names: readonly Name[],
): Readonly<Record<Name, Tally>> {
  const all = names.map((it) => ({ labels: label === '' ? {} : { [label]: it }, ...countInto(buckets) }));
  const get = async () => ({
    name,
    help,
    type: 'histogram',
    aggregator: 'sum',
    values: all.flatMap(({ labels, counts, sum }) => {
      let below = 0;
      const upTo = (le: number | string, count: number) => {
        below += count;
        return { metricName: `${name}_bucket`, labels: { le, ...labels }, value: below };
      };
      return [
        ...[...buckets, '+Inf'].map((le, index) => upTo(le, counts[index] as number)),
        { metricName: `${name}_sum`, labels, value: sum() },
        { metricName: `${name}_count`, labels, value: below },
      ];
    }),
  });
  registry.registerMetric({ name, get } as unknown as Parameters<Registry['registerMetric']>[0]);
  return Object.fromEntries(names.map((it, index) => [it, all[index]])) as unknown as Record<Name, Tally>;
}

function countInto(buckets: readonly number[]) {
  const counts = new Float64Array(buckets.length + 1);
  let total = 0;
  return {
    counts,
    sum: () => total,
    observe(value: number) {
      let index = 0;
      while (index < buckets.length && value > (buckets[index] as number)) index++;
      (counts[index] as number)++;
      total += value;
    },
  };
}
