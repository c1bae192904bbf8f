import { randomBytes } from 'node:crypto';

const GIVEN = /^[\w.:-]{1,128}$/;

// A number after something random: a random id for each request would cost ten times as much.
const run = randomBytes(6).toString('hex');
let count = 0;

/** The id that a caller gave the request in `X-Request-Id`, if it is a plain one, or a new one. */
export const requestId = (given: string | string[] | undefined): string =>
  typeof given === 'string' && GIVEN.test(given) ? given : `${run}-${(++count).toString(36)}`;
