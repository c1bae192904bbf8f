import type { Random } from './random.ts';

/** Names that mean something to JavaScript. */
export const PROTOTYPE_NAMES = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'hasOwnProperty',
  'valueOf',
  'then',
];

const NUMBERS = [
  ...[0, -1, 1, 1.5, 1e3, 2 ** 31 - 1, 2 ** 31, 2 ** 53 - 1, 2 ** 53, -(2 ** 63), 1e21, 1e308, 5e-324, -0],
];

/** A nest of lists and objects, as text: too deep to be built by a recursion. */
export function nest(random: Random, deepest: number): string {
  const depth = random.between(1, deepest);
  const kinds = random.times(depth, () => random.pick(['[', '{"a":', '[[],', '{"__proto__":']));
  const ends = kinds.map((it) => (it.startsWith('{') ? '}' : ']')).reverse();
  return `${kinds.join('')}0${ends.join('')}`;
}

/** A JSON value that no field wants, as text. */
export function oddJson(random: Random): string {
  return random.weighted<() => string>([
    [4, () => JSON.stringify(random.pick(NUMBERS))],
    [
      3,
      () => random.pick(['null', 'true', 'false', '""', '" "', '[]', '{}', '"1"', '"0"', '"true"', '[1]', '{"a":1}']),
    ],
    [3, () => JSON.stringify(random.text(30))],
    [
      1,
      () =>
        random.pick([
          '1e400',
          '-1e400',
          '9'.repeat(400),
          `0.${'1'.repeat(400)}`,
          '1E+2',
          '123456789012345678901234567890',
        ]),
    ],
    [1, () => JSON.stringify('x'.repeat(random.below(5_000)))],
    [1, () => `{"${random.pick(PROTOTYPE_NAMES)}":${random.pick(['1', 'null', '{"a":1}', '[]', '"x"'])}}`],
    [0.3, () => nest(random, random.chance(0.05) ? 20_000 : 50)],
    [0.3, () => `[${random.times(random.below(500), () => random.pick(['1', 'null', '"x"', '{}'])).join(',')}]`],
  ])();
}

/** Changes a few bytes: takes some out, puts some in, turns bits, doubles or cuts a part. */
export function mutated(random: Random, bytes: Buffer): Buffer {
  let out = bytes;
  for (let left = random.between(1, 4); left > 0; left--) {
    const at = random.below(out.length + 1);
    const end = Math.min(out.length, at + random.below(20));
    out = random.weighted<() => Buffer>([
      [3, () => Buffer.concat([out.subarray(0, at), out.subarray(end)])],
      [3, () => Buffer.concat([out.subarray(0, at), random.bytes(random.between(1, 4)), out.subarray(at)])],
      [2, () => Buffer.concat([out.subarray(0, at), Buffer.from(random.text(4)), out.subarray(at)])],
      [2, () => Buffer.concat([out.subarray(0, end), out.subarray(at)])],
      [
        2,
        () => {
          const copy = Buffer.from(out);
          if (at < copy.length) copy.writeUInt8(copy.readUInt8(at) ^ (1 << random.below(8)), at);
          return copy;
        },
      ],
      [0.5, () => out.subarray(0, at)],
    ])();
  }
  return out;
}
