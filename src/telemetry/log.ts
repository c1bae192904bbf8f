import { createRequire } from 'node:module';
import { hostname } from 'node:os';
import { type DestinationStream, type Logger, pino } from 'pino';
import { faultFields } from './fault-fields.ts';
import { createLogSink } from './log-sink.ts';
import { isWatching, type RequestEnd, requestFields } from './request-end.ts';

export const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** The log of the service. */
export interface Log {
  readonly log: Logger;
  /** Writes the one line of a request. */
  readonly request: (end: RequestEnd) => void;
}

/** What each line begins with: which process it is, and the name of the instance where it has one. */
const baseOf = (instance: string | undefined) => ({
  pid: process.pid,
  hostname: hostname(),
  ...(instance && { instance }),
});
const fieldsOf = (instance: string | undefined): string => JSON.stringify(baseOf(instance)).slice(1, -1);

/** A log whose lines go to this destination, and the lines of requests to `requests`. */
export function createLogTo(
  destination: DestinationStream,
  level: LogLevel = 'info',
  requests: DestinationStream = destination,
  instance?: string,
): Log {
  const fields = fieldsOf(instance);
  const log = pino({ level, base: baseOf(instance), serializers: { err: faultFields } }, destination);
  // Written by hand: a line through pino costs ten times as much.
  const isDebug = log.isLevelEnabled('debug');
  const request = (end: RequestEnd) => {
    const watching = isWatching(end);
    if (watching && !isDebug) return;
    const level = watching ? 20 : 30;
    requests.write(`{"level":${level},"time":${Date.now()},${fields},${requestFields(end)},"msg":"request"}\n`);
  };
  return { log, request: log.isLevelEnabled('info') ? request : () => {} };
}

/** JSON lines on stdout, or lines for people where a terminal is there to show them. */
export function createLog(level: LogLevel, instance?: string): Log {
  // Accessing `process.stdout` puts a pipe into the non-blocking mode that the destination needs.
  if (process.stdout.isTTY) return createLogTo(createPrettyLines(), level, undefined, instance);
  const fields = fieldsOf(instance);
  const sink = createLogSink(1, (lines) => dropped(lines, fields));
  process.on('exit', sink.end);
  const atOnce = {
    write(line: string) {
      sink.write(line);
      sink.flush();
    },
  };
  return createLogTo(atOnce, level, sink, instance);
}

/** Loaded for terminals alone: it takes as long as the rest of the log. */
function createPrettyLines(): DestinationStream {
  const pretty = createRequire(import.meta.url)('pino-pretty') as typeof import('pino-pretty');
  return pretty({ ignore: 'pid,hostname', sync: true });
}

const dropped = (lines: number, fields: string): string =>
  `{"level":40,"time":${Date.now()},${fields},"dropped":${lines},"msg":"lines of this log were dropped: nobody took them in time"}\n`;

/** Logs one line for each problem of the storage, and one once it has passed. */
export const reportStorage =
  (log: Logger) =>
  (problem: string | undefined): void =>
    problem === undefined ? log.info('ready again') : log.error({ reason: problem }, 'not ready');
