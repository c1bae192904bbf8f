import { type Logger, pino } from 'pino';
import pretty from 'pino-pretty';
import type { Config } from './config.ts';

/** JSON lines on stdout, or lines for people where a terminal is there to show them. */
export const createLog = (level: Config['logLevel']): Logger =>
  process.stdout.isTTY
    ? pino({ level }, pretty({ ignore: 'pid,hostname', sync: true }))
    : pino({ level }, pino.destination({ sync: true }));
