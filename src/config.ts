import { isIP } from 'node:net';
import type { Database } from './store/open.ts';

/** Everything the process takes from its environment; read once, at the start. */
export interface Config {
  readonly host: string;
  readonly port: number;
  readonly database: Database;
  readonly logLevel: LogLevel;
  readonly graphiql: boolean;
  readonly introspection: boolean;
}

const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
type LogLevel = (typeof LOG_LEVELS)[number];

/** Names every bad variable and what is accepted in it. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/** Reads the configuration; a variable that is missing or empty has its default. */
export function configFromEnv(env: Readonly<Record<string, string | undefined>>): Config {
  const problems: string[] = [];
  function read<T>(name: string, fallback: T, accepted: string, parse: (text: string) => T | undefined): T {
    const text = env[name];
    if (!text) return fallback;
    const value = parse(text);
    if (value === undefined) problems.push(`${name}: ${accepted}`);
    return value ?? fallback;
  }
  const onOff = (text: string) => (text === 'on' ? true : text === 'off' ? false : undefined);

  const host = read('HOST', '127.0.0.1', 'an IP address or a host name', (text) =>
    isIP(text) || /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/i.test(text) ? text : undefined,
  );
  const local = isLoopback(host);
  const config: Config = {
    host,
    port: read('PORT', 4000, 'a whole number from 0 to 65535 (0 takes any free port)', (text) =>
      /^\d{1,5}$/.test(text) && Number(text) <= 65_535 ? Number(text) : undefined,
    ),
    database: read(
      'DATABASE_URL',
      { file: 'data/intercom-flats.db' },
      'file: and a path, like file:data/intercom-flats.db',
      databaseFromUrl,
    ),
    logLevel: read('LOG_LEVEL', 'info', `one of ${LOG_LEVELS.join(', ')}`, (text) =>
      LOG_LEVELS.find((level) => level === text),
    ),
    graphiql: read('GRAPHIQL', local, 'on or off', onOff),
    introspection: read('INTROSPECTION', local, 'on or off', onOff),
  };
  if (problems.length > 0) {
    throw new ConfigError(`Bad environment; accepted are:\n${problems.map((it) => `  ${it}`).join('\n')}`);
  }
  return config;
}

/** `file:data/x.db` is relative to the current folder, `file:/srv/x.db` and `file:///srv/x.db` are not. */
function databaseFromUrl(url: string): Database | undefined {
  const path = /^file:(?:\/\/(?=\/))?([^?#]+)$/.exec(url)?.[1];
  return path && !path.endsWith('/') && !path.includes('\0') && !path.startsWith('//') && path !== ':memory:'
    ? { file: path }
    : undefined;
}

/** Whether a host is reachable from this machine only. */
export const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
