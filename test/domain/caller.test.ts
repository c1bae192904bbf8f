import { describe, expect, it } from 'vitest';
import { accessOf, type Caller, LEGACY, LOCAL, NOBODY, SCOPES, stillHolds, widest } from '../../src/domain/caller.ts';
import { isTokenText, isUseWorthRecording, parseLifetime, tokenNameProblem } from '../../src/domain/token.ts';

const token = (scope: (typeof SCOPES)[number]): Caller => ({
  by: 'token',
  actor: 'crm',
  scope,
  tokenId: 7,
  expiresAt: null,
});

describe('access', () => {
  it.each([
    [token('read'), ['granted', 'forbidden', 'forbidden']],
    [token('write'), ['granted', 'granted', 'forbidden']],
    [token('admin'), ['granted', 'granted', 'granted']],
    [LEGACY, ['granted', 'granted', 'forbidden']],
    [LOCAL, ['granted', 'granted', 'granted']],
    [NOBODY, ['unauthenticated', 'unauthenticated', 'unauthenticated']],
  ])('of %j to read, write and admin is %j', (caller, expected) => {
    expect(SCOPES.map((needed) => accessOf(caller, needed))).toEqual(expected);
  });

  it('to several things at once needs the widest of their scopes', () => {
    expect([[], ['read'], ['write', 'read'], ['read', 'admin', 'write']].map((it) => widest(it as []))).toEqual([
      'read',
      'read',
      'write',
      'admin',
    ]);
  });

  it.each([
    [token('read'), [7, 8], true],
    [token('read'), [8], false],
    [LOCAL, [], true],
    [LOCAL, [8], false],
    [LEGACY, [], true],
    [LEGACY, [8], true],
  ])('of %j while the tokens %j are live holds: %j', (caller, live, expected) => {
    expect(stillHolds(caller, new Set(live), 0)).toBe(expected);
  });

  it('that has a token holds until that expires', () => {
    const caller: Caller = { by: 'token', actor: 'crm', scope: 'read', tokenId: 7, expiresAt: 1_000 };
    expect([999, 1_000, 1_001].map((now) => stillHolds(caller, new Set([7]), now))).toEqual([true, false, false]);
    expect(stillHolds(caller, new Set([8]), 999)).toBe(false);
  });
});

describe('a token', () => {
  it.each([
    ['billing', undefined],
    ['Биллинг №1', undefined],
    ['x'.repeat(100), undefined],
    ['😀'.repeat(100), undefined],
    ['', 'empty'],
    ['x'.repeat(101), 'tooLong'],
    [' x', 'unprintable'],
    ['x\n', 'unprintable'],
    ['a\u200bb', 'unprintable'],
    ['a\u202eb', 'unprintable'],
    ['local', 'reserved'],
    ['Legacy', 'reserved'],
    ['nobody', 'reserved'],
  ])('may be called %j: %j', (name, problem) => {
    expect(tokenNameProblem(name)).toBe(problem);
  });

  it.each([
    [`ifl_${'a'.repeat(43)}`, true],
    [`ifl_${'-_09azAZ'.repeat(5)}abc`, true],
    [`ifl_${'a'.repeat(42)}`, false],
    [`ifl_${'a'.repeat(44)}`, false],
    [`ifx_${'a'.repeat(43)}`, false],
    [`ifl_${'a'.repeat(42)}=`, false],
    ['', false],
  ])('can be %j: %j', (text, expected) => {
    expect(isTokenText(text)).toBe(expected);
  });

  it('has its use noted at the first time, and then once a minute at the most', () => {
    expect([
      isUseWorthRecording(5, null),
      isUseWorthRecording(59_999, 0),
      isUseWorthRecording(60_000, 0),
      isUseWorthRecording(0, 5),
    ]).toEqual([true, false, true, false]);
  });
});

it('a lifetime is a number of days or hours', () => {
  const hour = 3_600_000;
  expect(['30d', '12h', '1h', '9999d'].map(parseLifetime)).toEqual([720 * hour, 12 * hour, hour, 9999 * 24 * hour]);
  for (const text of ['', '0d', '30', 'd', '-1d', '1.5d', '10000d', '30D', '1w', ' 1d']) {
    expect([text, parseLifetime(text)]).toEqual([text, undefined]);
  }
});
