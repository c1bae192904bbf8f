import { describe, expect, it } from 'vitest';
import { ConfigError, configFromEnv } from '../src/config.ts';

const DEFAULTS = {
  host: '127.0.0.1',
  port: 4000,
  database: { file: 'data/intercom-flats.db' },
  logLevel: 'info',
  graphiql: true,
  introspection: true,
  trustedNetworks: [],
  trustedProxies: [],
  corsOrigins: [],
};

describe('the configuration', () => {
  it('has a default for everything, also where a variable is empty', () => {
    expect(configFromEnv({})).toEqual(DEFAULTS);
    expect(configFromEnv({ HOST: '', PORT: '', DATABASE_URL: '', LOG_LEVEL: '', GRAPHIQL: '' })).toEqual(DEFAULTS);
  });

  it('takes every variable from the environment', () => {
    const env = { HOST: '::', PORT: '0', DATABASE_URL: 'file:/srv/x.db', LOG_LEVEL: 'debug', INTROSPECTION: 'on' };
    expect(configFromEnv(env)).toEqual({
      host: '::',
      port: 0,
      database: { file: '/srv/x.db' },
      logLevel: 'debug',
      graphiql: false,
      introspection: true,
    });
  });

  it.each([
    ['file:data/x.db', 'data/x.db'],
    ['file:/data/x.db', '/data/x.db'],
    ['file:///data/x.db', '/data/x.db'],
    ['file:./a b.db', './a b.db'],
  ])('reads %s as the path %s', (url, file) => {
    expect(configFromEnv({ DATABASE_URL: url }).database).toEqual({ file });
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
  DATABASE_URL: file: and a path, like file:data/intercom-flats.db
  LOG_LEVEL: one of fatal, error, warn, info, debug, trace, silent
  GRAPHIQL: on or off
  INTROSPECTION: on or off`),
    );
  });
});
