import { describe, expect, it } from 'vitest';
import type { Flat, Found } from '../../src/domain/flat.ts';
import type { FlatFilterInput } from '../../src/domain/flat-filter.ts';
import { EMPTY as LOST, UNREADABLE } from '../../src/domain/input.ts';
import { decideUpdate } from '../../src/domain/update-flat.ts';
import { parseUpdateWhere, type UpdateWhereInput, updateOfMatch } from '../../src/domain/update-flats-where.ts';

const none = undefined;
const OFF = { smartphoneSip: none, landlineSip: none, analog: false };
const ANY = { smartphoneSip: none, landlineSip: none, analog: none };
const EMPTY: FlatFilterInput = {
  ...{ flatIds: none, intercomId: none, flat: none, flatFrom: none, flatTo: none, lines: ANY, changedSince: none },
  ...{ keyCode: none, userLogin: none, userLoginPrefix: none, intercomTitle: none },
};
const input = (more: Partial<UpdateWhereInput> = {}): UpdateWhereInput => ({
  filter: { ...EMPTY, intercomId: 1 },
  all: false,
  lines: OFF,
  atMost: none,
  exceptFlatIds: none,
  ...more,
});

const either = (code: string) => [
  { field: 'filter', code, other: 'all' },
  { field: 'all', code, other: 'filter' },
];

describe('the shape of an update of all flats that match', () => {
  it.each<[string, Partial<UpdateWhereInput>, readonly object[]]>([
    ['neither filter nor all', { filter: EMPTY }, either('REQUIRED')],
    ['both filter and all', { all: true }, either('MUTUALLY_EXCLUSIVE')],
    [
      'a filter of lines alone',
      { filter: { ...EMPTY, lines: { ...ANY, analog: false } } },
      [{ field: 'filter', code: 'NOT_NARROWED' }],
    ],
    [
      'a range turned round',
      { filter: { ...EMPTY, flatFrom: 20, flatTo: 10 } },
      [{ field: 'flatTo', code: 'INVALID_RANGE', other: 'flatFrom', within: 'filter' }],
    ],
    [
      'a condition that is empty, also beside one that is not',
      { filter: { ...EMPTY, intercomId: 1, intercomTitle: LOST, lines: { ...ANY, analog: LOST } } },
      [
        { field: 'intercomTitle', code: 'EMPTY_CONDITION', within: 'filter' },
        { field: 'analog', code: 'EMPTY_CONDITION', within: 'filter' },
      ],
    ],
    [
      'all beside a condition that is empty',
      { all: true, filter: { ...EMPTY, intercomTitle: LOST } },
      [...either('MUTUALLY_EXCLUSIVE'), { field: 'intercomTitle', code: 'EMPTY_CONDITION', within: 'filter' }],
    ],
    [
      'an unreadable intercom',
      { filter: { ...EMPTY, intercomId: UNREADABLE } },
      [{ field: 'intercomId', code: 'INVALID_INTEGER', within: 'filter' }],
    ],
    [
      'an intercom of zero',
      { filter: { ...EMPTY, intercomId: 0 } },
      [{ field: 'intercomId', code: 'INVALID_INTEGER', within: 'filter' }],
    ],
    [
      'a short title',
      { filter: { ...EMPTY, intercomTitle: 'ab' } },
      [{ field: 'intercomTitle', code: 'TOO_SHORT', within: 'filter' }],
    ],
    [
      'no line at all',
      { lines: { smartphoneSip: none, landlineSip: none, analog: none } },
      ['smartphoneSip', 'landlineSip', 'analog'].map((field) => ({ field, code: 'REQUIRED' })),
    ],
    [
      'everything at once',
      { filter: EMPTY, lines: { ...OFF, analog: UNREADABLE }, reason: 'x'.repeat(501) },
      [...either('REQUIRED'), { field: 'analog', code: 'INVALID_BOOLEAN' }, { field: 'reason', code: 'TOO_LONG' }],
    ],
  ])('refuses %s', (_, more, errors) => {
    expect(parseUpdateWhere(input(more))).toEqual({ kind: 'invalid', errors });
  });

  it.each<[string, Partial<UpdateWhereInput>]>([
    ['a filter', {}],
    ['all of those whose lines are so', { all: true, filter: { ...EMPTY, lines: { ...ANY, analog: true } } }],
    ['all', { all: true, filter: EMPTY }],
  ])('takes %s', (_, more) => {
    const { filter } = input(more);
    const lines = Object.fromEntries(Object.entries(filter.lines).filter(([, it]) => it !== none));
    expect(parseUpdateWhere(input({ ...more, reason: 'why' }))).toEqual({
      filter: { ...filter, lines },
      patch: { analog: false },
      atMost: none,
      exceptFlatIds: new Set(),
      reason: 'why',
    });
  });
});

const flat: Flat = {
  ...{ id: 7, flat: 10, intercomId: 1, keyCount: 0, usersCount: 0, version: 3, updatedAt: 5 },
  lines: { smartphoneSip: true, landlineSip: true, analog: false },
};

describe('the decision on a flat that matched', () => {
  it.each<[string, object, object, Found, unknown]>([
    [
      'writes what differs',
      { analog: false },
      { analog: true },
      { kind: 'flat', flat },
      { kind: 'write', flat, lines: { ...flat.lines, analog: true }, reason: 'why' },
    ],
    [
      'keeps one whose lines no longer match',
      { analog: true },
      { landlineSip: false },
      { kind: 'flat', flat },
      { kind: 'keep', flat },
    ],
    ['keeps one that is so already', {}, { analog: false }, { kind: 'flat', flat }, { kind: 'keep', flat }],
    [
      'refuses one that is gone',
      {},
      { analog: true },
      { kind: 'noFlat' },
      { kind: 'refuse', refusal: { kind: 'invalid', errors: [{ field: 'flatId', code: 'NOT_FOUND' }] } },
    ],
  ])('%s', (_, lines, patch, found, expected) => {
    const update = updateOfMatch(
      { filter: { lines }, patch, reason: 'why', atMost: none, exceptFlatIds: new Set() },
      7,
    );
    expect(decideUpdate(update, found)).toEqual(expected);
  });
});
