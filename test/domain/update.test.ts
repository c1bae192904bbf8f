import { describe, expect, it } from 'vitest';
import type { Flat, Found } from '../../src/domain/flat.ts';
import { parseFlatRef } from '../../src/domain/flat-ref.ts';
import { type Input, UNREADABLE } from '../../src/domain/input.ts';
import { invalid } from '../../src/domain/refusal.ts';
import { decideUpdate, parseUpdate, type UpdateInput } from '../../src/domain/update-flat.ts';

const none = undefined;
const bad: typeof UNREADABLE = UNREADABLE;
const req = (field: string) => ({ field, code: 'REQUIRED' });
const neither = ['flat', 'flatId'].map((field, i) => ({ ...req(field), other: i ? 'flat' : 'flatId' }));
const both = neither.map((it) => ({ ...it, code: 'MUTUALLY_EXCLUSIVE' }));
const int = (field: string) => ({ field, code: 'INVALID_INTEGER' });

describe('what names a flat', () => {
  it.each<[string, Input<number>, Input<number>, Input<number>, unknown]>([
    ['number on an intercom', 1, 10, none, { by: 'number', intercomId: 1, flat: 10 }],
    ['record id', none, none, 10, { by: 'id', flatId: 10 }],
    ['record id on an intercom', 1, none, 10, { by: 'id', flatId: 10, intercomId: 1 }],
    ['largest id', none, none, 2 ** 53 - 1, { by: 'id', flatId: 2 ** 53 - 1 }],
    ['both', 1, 10, 10, both],
    ['both, no intercom', none, 10, 10, both],
    ['both, one unreadable', 1, bad, 10, [...both, int('flat')]],
    ['all zero', 0, 0, 0, [...both, int('intercomId'), int('flat'), int('flatId')]],
    ['neither', 1, none, none, neither],
    ['nothing', none, none, none, [req('intercomId'), ...neither]],
    ['flat alone', none, 10, none, [req('intercomId')]],
    ['flat with unreadable intercom', bad, 10, none, [int('intercomId')]],
    ['negative number', 1, -10, none, [int('flat')]],
    ['zero id', none, none, 0, [int('flatId')]],
    ['fraction', 1, 10.5, none, [int('flat')]],
    ['beyond 2^53', none, none, 2 ** 53, [int('flatId')]],
    ['infinite', none, none, Number.POSITIVE_INFINITY, [int('flatId')]],
  ])('%s', (_, intercomId, flat, flatId, expected) => {
    expect(parseFlatRef({ intercomId, flat, flatId })).toEqual(Array.isArray(expected) ? invalid(expected) : expected);
  });
});

const input = (more: Partial<UpdateInput> = {}): UpdateInput => ({
  intercomId: 1,
  flat: 10,
  flatId: none,
  lines: { smartphoneSip: none, landlineSip: none, analog: none },
  ...more,
});

describe('the shape of an update', () => {
  it('tells everything that is wrong at once', () => {
    expect(
      parseUpdate(
        input({
          flat: bad,
          lines: { smartphoneSip: bad, landlineSip: true, analog: bad },
          expectedVersion: 0,
          reason: 'x'.repeat(501),
        }),
      ),
    ).toEqual({
      kind: 'invalid',
      errors: [
        int('flat'),
        { field: 'smartphoneSip', code: 'INVALID_BOOLEAN' },
        { field: 'analog', code: 'INVALID_BOOLEAN' },
        int('expectedVersion'),
        { field: 'reason', code: 'TOO_LONG' },
      ],
    });
  });

  it('counts a reason in characters, not in code units', () => {
    expect(parseUpdate(input({ reason: '🔑'.repeat(500) }))).toMatchObject({ reason: '🔑'.repeat(500) });
    expect(parseUpdate(input({ reason: '🔑'.repeat(501) }))).toMatchObject({ kind: 'invalid' });
  });

  it('takes an empty reason for none', () => {
    expect(parseUpdate(input({ reason: '' }))).toMatchObject({ reason: null });
  });
});

const flat: Flat = {
  id: 7,
  flat: 10,
  intercomId: 1,
  keyCount: 0,
  usersCount: 0,
  lines: { smartphoneSip: true, landlineSip: true, analog: true },
  version: 3,
  updatedAt: 0,
};
const update = (more: Partial<UpdateInput> = {}) => {
  const parsed = parseUpdate(input(more));
  if ('kind' in parsed) throw new Error('the shape is meant to be good');
  return parsed;
};
const off = { smartphoneSip: none, landlineSip: none, analog: false };

describe('the decision on a flat', () => {
  it.each<[string, Partial<UpdateInput>, Found, unknown]>([
    ['keeps a flat when no line is sent', {}, { kind: 'flat', flat }, { kind: 'keep', flat }],
    [
      'keeps a flat that is already so',
      { lines: { smartphoneSip: true, landlineSip: none, analog: none } },
      { kind: 'flat', flat },
      { kind: 'keep', flat },
    ],
    [
      'writes the line that differs and no other',
      { lines: off, reason: 'why' },
      { kind: 'flat', flat },
      { kind: 'write', flat, lines: { smartphoneSip: true, landlineSip: true, analog: false }, reason: 'why' },
    ],
    [
      'writes when the version is the expected one',
      { lines: off, expectedVersion: 3 },
      { kind: 'flat', flat },
      { kind: 'write', flat, lines: { smartphoneSip: true, landlineSip: true, analog: false }, reason: null },
    ],
    [
      'refuses another version, even when nothing would change',
      { expectedVersion: 2 },
      { kind: 'flat', flat },
      { kind: 'refuse', refusal: { kind: 'versionConflict', current: flat } },
    ],
    [
      'refuses when no version is acceptable',
      { acceptedVersions: [] },
      { kind: 'flat', flat },
      { kind: 'refuse', refusal: { kind: 'versionConflict', current: flat } },
    ],
    [
      'tells of a missing intercom',
      {},
      { kind: 'noIntercom' },
      { kind: 'refuse', refusal: { kind: 'invalid', errors: [{ field: 'intercomId', code: 'NOT_FOUND' }] } },
    ],
    [
      'tells of a missing number',
      {},
      { kind: 'noFlat' },
      { kind: 'refuse', refusal: { kind: 'invalid', errors: [{ field: 'flat', code: 'NOT_FOUND' }] } },
    ],
    [
      'tells of a missing record id',
      { flat: none, flatId: 7 },
      { kind: 'noFlat' },
      { kind: 'refuse', refusal: { kind: 'invalid', errors: [{ field: 'flatId', code: 'NOT_FOUND' }] } },
    ],
    [
      'tells of a record id on another intercom',
      { flat: none, flatId: 7 },
      { kind: 'otherIntercom' },
      { kind: 'refuse', refusal: { kind: 'invalid', errors: [{ field: 'flatId', code: 'WRONG_INTERCOM' }] } },
    ],
  ])('%s', (_, more, found, expected) => {
    expect(decideUpdate(update(more), found)).toEqual(expected);
  });
});
