import { graphqlInput } from './graphql.ts';
import type { Tokens } from './headers.ts';
import type { Input } from './input.ts';
import { randomOf } from './random.ts';
import { rawInput } from './raw.ts';
import { restInput } from './rest.ts';

/** The input of a run at an index; it is the same whenever it is asked for, but for the tokens in it. */
export function inputAt(seed: number, index: number, tokens: Tokens): Input {
  const random = randomOf(seed, index);
  return random.weighted([
    [45, restInput],
    [43, graphqlInput],
    [12, rawInput],
  ])(random, tokens);
}
