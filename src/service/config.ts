import { isIP } from 'node:net';
import { hostname } from 'node:os';
import type { GraphiqlSetting } from '../graphql/http/graphiql-page.ts';
import { isLoopbackHost, parseCidr } from '../http/access/addresses.ts';
import { isOrigin } from '../http/access/cors.ts';
import { type Database, type FileDatabase, parseAddress } from '../store/open.ts';
import { LOG_LEVELS, type LogLevel } from '../telemetry/log.ts';
import { type Limits, readLimits } from './limits.ts';

/** The configuration from the environment; read once, at the start. */
export interface Config {
  readonly host: string;
  readonly port: number;
  readonly database: Database;
  /** The name of this instance in its log; without one, that of its machine says which it is. */
  readonly instance: string | undefined;
  /** What the staff calls this installation, such as TEST. */
  readonly serviceName: string | undefined;
  readonly logLevel: LogLevel;
  readonly graphiql: GraphiqlSetting;
  readonly introspection: boolean;
  /** Whether the pages for staff are served at /console. */
  readonly console: boolean;
  /** Networks, such as `parseCidr` reads them. */
  readonly trustedNetworks: readonly string[];
  readonly trustedProxies: readonly string[];
  readonly corsOrigins: readonly string[];
  readonly limits: Limits;
  /** How much room the database's disk must have for the service to be ready, in bytes. */
  readonly minFreeBytes: number;
  /** How long a service that stops still accepts requests, while it says that it is not ready. */
  readonly drainSeconds: number;
}

/** Names every bad variable and what is accepted in it. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/** Reads the configuration; a variable that is missing or empty has its default. */
export function configFromEnv(env: Readonly<Record<string, string | undefined>>): Config {
  const problems: string[] = [];
  function read<T>(name: string, fallback: T, accepted: string, parse: (text: string) => T | undefined): T {
    const text = env[name]?.trim();
    if (!text) return fallback;
    const value = parse(text);
    if (value === undefined) problems.push(`${name}: ${accepted}`);
    return value ?? fallback;
  }
  /** Entries separated by commas or blanks; the message names those that are bad. */
  function readList(name: string, accepted: string, isGood: (entry: string) => boolean): readonly string[] {
    const entries = (env[name] ?? '').split(/[\s,]+/).filter((it) => it !== '');
    const bad = entries.filter((it) => !isGood(it));
    if (bad.length > 0) problems.push(`${name}: ${accepted}; not ${bad.join(', ')}`);
    return entries;
  }
  const networks = (name: string) =>
    readList(name, 'addresses and networks like 10.1.2.3, 10.0.0.0/8, 2001:db8::/32', (it) => !!parseCidr(it));
  const onOff = (text: string) => (text === 'on' ? true : text === 'off' ? false : undefined);

  const host = read('HOST', '127.0.0.1', 'an IP address or a host name', (text) =>
    isIP(text) || /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/i.test(text) ? text : undefined,
  );
  const local = isLoopbackHost(host);
  const trustedProxies = networks('TRUSTED_PROXIES');
  const instance = read('INSTANCE', undefined, 'a name of up to 60 letters, digits, . - and _', (text) =>
    /^[\w.-]{1,60}$/.test(text) ? text : undefined,
  );
  const readDatabase = (): Database => {
    const url = env['DATABASE_URL']?.trim();
    if (!url || !/^postgres(?:ql)?:/.test(url)) {
      const accepted = 'file: and a path, like file:data/intercom-flats.db, or postgres://user@host/database';
      const file = read('DATABASE_URL', { file: 'data/intercom-flats.db' }, accepted, databaseFromUrl);
      const withoutCopy = read('MIGRATE_WITHOUT_COPY', false, 'on or off', onOff);
      return { ...file, ...(withoutCopy && { withoutCopy }) };
    }
    for (const name of ['MIN_FREE_MB', 'MIGRATE_WITHOUT_COPY']) {
      if (env[name]?.trim()) problems.push(`${name}: only with a file as DATABASE_URL`);
    }
    const seconds = (name: string, fallback: number, most: number) =>
      read(name, fallback, `whole seconds from 1 to ${most}`, (text) => between(text, 1, most)) * 1_000;
    const address = parseAddress(url, env);
    if (typeof address === 'string') problems.push(`DATABASE_URL: ${address}`);
    return {
      // Problems are thrown below.
      address: address as Exclude<typeof address, string>,
      instance: `intercom-flats ${instance ?? hostname()}`,
      connections: read('DATABASE_CONNECTIONS', 4, 'a whole number from 1 to 100', (text) => between(text, 1, 100)),
      patienceMs: seconds('DATABASE_PATIENCE', 5, 300),
      readTimeoutMs: seconds('DATABASE_READ_TIMEOUT', 30, 3_600),
    };
  };
  const config: Config = {
    host,
    port: read('PORT', 4000, 'a whole number from 0 to 65535 (0 takes any free port)', (text) =>
      /^\d{1,5}$/.test(text) && Number(text) <= 65_535 ? Number(text) : undefined,
    ),
    database: readDatabase(),
    instance,
    serviceName: read('SERVICE_NAME', undefined, 'a name of up to 40 characters that can be seen', (text) =>
      /^[^\p{C}\p{Zl}\p{Zp}]{1,40}$/u.test(text) ? text : undefined,
    ),
    logLevel: read('LOG_LEVEL', 'info', `one of ${LOG_LEVELS.join(', ')}`, (text) =>
      LOG_LEVELS.find((level) => level === text),
    ),
    graphiql: read<GraphiqlSetting>(
      'GRAPHIQL',
      local && trustedProxies.length === 0 && 'untilToken',
      'on or off',
      onOff,
    ),
    introspection: read('INTROSPECTION', local, 'on or off', onOff),
    console: read('CONSOLE', true, 'on or off', onOff),
    trustedNetworks: networks('TRUSTED_NETWORKS'),
    trustedProxies,
    corsOrigins: readList('CORS_ORIGINS', 'origins like https://dashboard.example, without a path', isOrigin),
    limits: readLimits(read),
    minFreeBytes: read('MIN_FREE_MB', 100, 'a whole number of megabytes, 0 to 1000000', wholeUpTo(1_000_000)) * 1e6,
    drainSeconds: read('DRAIN_SECONDS', 0, 'a whole number of seconds, 0 to 600', wholeUpTo(600)),
  };
  if (problems.length > 0) {
    throw new ConfigError(`Bad environment; accepted are:\n${problems.map((it) => `  ${it}`).join('\n')}`);
  }
  return config;
}

const between = (text: string, least: number, most: number): number | undefined =>
  /^\d{1,4}$/.test(text) && Number(text) >= least && Number(text) <= most ? Number(text) : undefined;

const wholeUpTo = (max: number) => (text: string) =>
  /^\d{1,7}$/.test(text) && Number(text) <= max ? Number(text) : undefined;

/**
 * `file:data/x.db` is relative to the current folder, `file:/srv/x.db` and `file:///srv/x.db` are not. The driver trims names
 * where the file system does not, so a name that begins or ends with white space is none.
 */
function databaseFromUrl(url: string): FileDatabase | undefined {
  const path = /^file:(?:\/\/(?=\/))?([^?#]+)$/.exec(url)?.[1];
  return path && isFileName(path) && !path.endsWith('/') && !path.startsWith('//') && path !== ':memory:'
    ? { file: path }
    : undefined;
}

/** Whether every layer takes a file name in the same way. */
export const isFileName = (name: string): boolean => name.trim() === name && !/\p{Cc}/u.test(name);
