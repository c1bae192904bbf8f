import type { Origin } from '../../src/domain/change.ts';

/** Who prepares what a test needs. */
export const TESTER: Origin = { actor: 'tester', channel: 'IMPORT' };
