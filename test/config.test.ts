import { describe, expect, it } from 'vitest';
import { ConfigError, configFromEnv } from '../src/service/config.ts';
import { DEFAULT_LIMITS } from '../src/service/limits.ts';

const DEFAULTS = {
  host: '127.0.0.1',
  port: 4000,
  database: { file: 'data/intercom-flats.db' },
  logLevel: 'info',
  graphiql: 'untilToken',
  introspection: true,
  console: true,
  trustedNetworks: [],
  trustedProxies: [],
  corsOrigins: [],
  limits: DEFAULT_LIMITS,
  minFreeBytes: 100_000_000,
  drainSeconds: 0,
};

describe('the configuration', () => {
  it('takes a name that can be seen', () => {
    for (const name of ['x'.repeat(41), 'a\nb', 'a\u200bb']) {
      expect(() => configFromEnv({ SERVICE_NAME: name })).toThrow('SERVICE_NAME: a name of up to 40 characters');
    }
  });

  it('has a default for everything, also where a variable is empty', () => {
    expect(configFromEnv({})).toEqual(DEFAULTS);
    expect(configFromEnv({ HOST: '', PORT: '', DATABASE_URL: '', LOG_LEVEL: '', GRAPHIQL: '' })).toEqual(DEFAULTS);
  });

  it('takes every variable from the environment', () => {
    const env = {
      HOST: '::',
      PORT: '0',
      DATABASE_URL: 'file:/srv/x.db',
      SERVICE_NAME: ' ТЕСТ 2 ',
      LOG_LEVEL: 'debug',
      INTROSPECTION: 'on',
      CONSOLE: 'off',
      TRUSTED_NETWORKS: '10.0.0.0/8, 2001:db8::/32 192.0.2.1',
      TRUSTED_PROXIES: '127.0.0.1',
      CORS_ORIGINS: 'https://dashboard.example,http://localhost:8080',
      MIN_FREE_MB: '5',
      DRAIN_SECONDS: '10',
    };
    expect(configFromEnv(env)).toEqual({
      host: '::',
      port: 0,
      database: { file: '/srv/x.db' },
      serviceName: 'ТЕСТ 2',
      logLevel: 'debug',
      graphiql: false,
      introspection: true,
      console: false,
      trustedNetworks: ['10.0.0.0/8', '2001:db8::/32', '192.0.2.1'],
      trustedProxies: ['127.0.0.1'],
      corsOrigins: ['https://dashboard.example', 'http://localhost:8080'],
      limits: DEFAULT_LIMITS,
      minFreeBytes: 5_000_000,
      drainSeconds: 10,
    });
  });

  it('takes every limit from the environment', () => {
    const env = {
      REST_MAX_BODY: '1024',
      GRAPHQL_MAX_BODY: '2048',
      IMPORT_MAX_BODY: '2500',
      MAX_BODIES_KEPT: '3000',
      MAX_ANSWERS_KEPT: '4000',
      READER_THREADS: '3',
      MAX_WAITING_READS: '23',
      MAX_STREAMS_PER_TOKEN: '13',
      MAX_STREAMS_PER_SOCKET: '14',
      GRAPHQL_MAX_TOKENS: '1',
      GRAPHQL_MAX_DEPTH: '2',
      GRAPHQL_MAX_ALIASES: '0',
      GRAPHQL_MAX_DIRECTIVES: '0',
      GRAPHQL_MAX_COMPLEXITY: '5',
      MAX_CONNECTIONS: '6',
      HEADERS_TIMEOUT: '7',
      REQUEST_TIMEOUT: '8',
      READER_TIMEOUT: '12',
      RATE_UNAUTHENTICATED: 'off',
      RATE_FAILED_AUTHENTICATIONS: '9',
      RATE_PER_TOKEN: '10',
      RATE_PER_TRUSTED_ADDRESS: '11',
    };
    expect(configFromEnv(env).limits).toEqual({
      restBody: 1_024,
      graphqlBody: 2_048,
      importBody: 2_500,
      bodiesKept: 3_000,
      answersKept: 4_000,
      readerThreads: 3,
      waitingReads: 23,
      streamsPerCaller: 13,
      streamsPerSocket: 14,
      tokens: 1,
      depth: 2,
      aliases: 0,
      directives: 0,
      complexity: 5,
      connections: 6,
      headersTimeout: 7_000,
      requestTimeout: 8_000,
      readerTimeout: 12_000,
      unauthenticated: null,
      failedAuthentications: 9,
      perToken: 10,
      perTrustedAddress: 11,
    });
    expect(configFromEnv({ HEADERS_TIMEOUT: '60' }).limits.requestTimeout).toBe(60_000);
  });

  it.each([
    ['REST_MAX_BODY', '64k', 'a whole number from 1024 to 1000000000'],
    ['GRAPHQL_MAX_TOKENS', '0', 'a whole number from 1 to 1000000000'],
    ['GRAPHQL_MAX_ALIASES', '-1', 'a whole number from 0 to 1000000000'],
    ['HEADERS_TIMEOUT', '0', 'whole seconds from 1 to 3600'],
    ['REQUEST_TIMEOUT', '9', 'whole seconds from 10 to 3600'],
    ['RATE_PER_TOKEN', '0', 'requests a minute from 1 to 1000000, or off'],
  ])('says what is accepted in %s', (name, value, accepted) => {
    expect(() => configFromEnv({ [name]: value })).toThrow(
      new ConfigError(`Bad environment; accepted are:\n  ${name}: ${accepted}`),
    );
  });

  it.each([
    ['TRUSTED_NETWORKS', '10.0.0.0/8,10.0.0.0/33,example.org', '10.0.0.0/33, example.org'],
    ['TRUSTED_PROXIES', '10.0.0.*', '10.0.0.*'],
    ['CORS_ORIGINS', 'https://a.example/', 'https://a.example/'],
    ['CORS_ORIGINS', '*', '*'],
    ['CORS_ORIGINS', 'null', 'null'],
    ['CORS_ORIGINS', 'https://A.example', 'https://A.example'],
    ['CORS_ORIGINS', 'https://a.example:443', 'https://a.example:443'],
    ['CORS_ORIGINS', 'a.example', 'a.example'],
    ['CORS_ORIGINS', 'file:///x', 'file:///x'],
  ])('says which entries of %s=%s are bad', (name, value, bad) => {
    expect(() => configFromEnv({ [name]: value })).toThrow(new RegExp(`  ${name}: .*; not ${RegExp.escape(bad)}$`));
  });

  it.each([
    ['file:data/x.db', 'data/x.db'],
    ['file:/data/x.db', '/data/x.db'],
    ['file:///data/x.db', '/data/x.db'],
    ['file:./a b.db', './a b.db'],
    ['  file:data/x.db ', 'data/x.db'],
    ['file:data/x.db\r', 'data/x.db'],
    ['\tfile:data/x.db\r\n', 'data/x.db'],
  ])('reads %s as the path %s', (url, file) => {
    expect(configFromEnv({ DATABASE_URL: url }).database).toEqual({ file });
  });

  it('trims every variable, and takes one of blanks for none', () => {
    const env = { HOST: ' 127.0.0.1\r', PORT: '\t0 ', LOG_LEVEL: 'warn\n', DATABASE_URL: ' ', MAX_CONNECTIONS: ' 7\r' };
    expect(configFromEnv(env)).toMatchObject({
      ...{ host: '127.0.0.1', port: 0, logLevel: 'warn', database: { file: 'data/intercom-flats.db' } },
      limits: { connections: 7 },
    });
  });

  it.each(['0.0.0.0', '::', '10.0.0.1', 'example.org'])('keeps GraphiQL and introspection off on %s', (host) => {
    expect(configFromEnv({ HOST: host })).toMatchObject({ graphiql: false, introspection: false });
  });

  it.each([
    'data/x.db',
    'file:',
    'file:data/',
    'file://host/x.db',
    'postgres://host/x',
    'file::memory:',
    'file:x?mode=ro',
    'file: data/x.db',
    'file:data/x\r.db',
    'file:data/\u0000x.db',
    '"file:data/x.db"',
    "'file:data/x.db'",
  ])('does not take %s for a database', (url) => {
    expect(() => configFromEnv({ DATABASE_URL: url })).toThrow('DATABASE_URL');
  });

  it('names every bad variable and what is accepted in one message', () => {
    const env = {
      HOST: 'a b',
      PORT: '65536',
      DATABASE_URL: 'x',
      LOG_LEVEL: 'loud',
      GRAPHIQL: 'yes',
      INTROSPECTION: '1',
    };
    expect(() => configFromEnv(env)).toThrow(
      new ConfigError(`Bad environment; accepted are:
  HOST: an IP address or a host name
  PORT: a whole number from 0 to 65535 (0 takes any free port)
  DATABASE_URL: file: and a path, like file:data/intercom-flats.db, or postgres://user@host/database
  LOG_LEVEL: one of fatal, error, warn, info, debug, trace, silent
  GRAPHIQL: on or off
  INTROSPECTION: on or off`),
    );
  });
});
