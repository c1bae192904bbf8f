import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Lets processes share compiled code: most of a short one's time is its start. */
export const COMPILE_CACHE = {
  NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'] ?? join(tmpdir(), 'intercom-flats-compiled'),
};
