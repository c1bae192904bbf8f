import type { Logger } from 'pino';

/** One line for each problem of the storage, and one when all is well again. */
export const reportStorage =
  (log: Logger) =>
  (problem: string | undefined): void =>
    problem === undefined ? log.info('ready again') : log.error({ reason: problem }, 'not ready');
