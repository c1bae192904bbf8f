/** A source of randomness that gives the same for the same seed. */
export interface Random {
  /** A whole number from 0 up to, and without, `end`. */
  below(end: number): number;
  /** A whole number from `first` to `last`. */
  between(first: number, last: number): number;
  chance(probability: number): boolean;
  pick<T>(list: readonly T[]): T;
  /** One of these, as often as its weight says. */
  weighted<T>(entries: readonly (readonly [weight: number, value: T])[]): T;
  times<T>(count: number, make: (index: number) => T): T[];
  /** A text of characters from many scripts, control characters and lone surrogates among them. */
  text(longest: number): string;
  bytes(length: number): Buffer;
  /** One of so many sources that every input of the seed may draw from, so that things come again. */
  shared(sources: number): Random;
}

const CHARACTERS = [
  ...' \t\r\n"\'\\/{}[]()<>:;,.$@!%&*+-=?#`~^|_',
  ...'abcxyzABCXYZ0123456789',
  ...[
    '\0',
    '\u0007',
    '\u007f',
    '\u0085',
    '\u00a0',
    '\u00ad',
    '\u00e9',
    '\u0436',
    '\u05d0',
    '\u0301',
    '\u200b',
    '\u200e',
  ],
  ...[
    '\u2028',
    '\u202e',
    '\u3000',
    '\ud800',
    '\udfff',
    '\ufeff',
    '\ufffd',
    '\uffff',
    '\u4e2d',
    '\u{1f6aa}',
    '\u{10ffff}',
  ],
];

/** The randomness of one input of a run, whatever came before it. */
export function randomOf(seed: number, index: number): Random {
  // sfc32, mixed a while so that neighbours have nothing in common.
  let [a, b, c, d] = [seed | 0, index | 0, 0x9e3779b9, 1];
  const next = (): number => {
    const sum = (a + b + d) | 0;
    d = (d + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return (sum >>> 0) / 2 ** 32;
  };
  for (let i = 0; i < 15; i++) next();

  const below = (end: number): number => Math.floor(next() * end);
  const pick = <T>(list: readonly T[]): T => list[below(list.length)] as T;
  const times = <T>(count: number, make: (index: number) => T): T[] => Array.from({ length: count }, (_, i) => make(i));
  return {
    below,
    pick,
    times,
    between: (first, last) => first + below(last - first + 1),
    chance: (probability) => next() < probability,
    weighted(entries) {
      let left = next() * entries.reduce((sum, [weight]) => sum + weight, 0);
      for (const [weight, value] of entries) {
        left -= weight;
        if (left < 0) return value;
      }
      return (entries.at(-1) as (typeof entries)[number])[1];
    },
    text: (longest) => times(below(longest + 1), () => pick(CHARACTERS)).join(''),
    bytes: (length) => Buffer.from(times(length, () => below(256))),
    shared: (sources) => randomOf(seed, -1 - below(sources)),
  };
}
