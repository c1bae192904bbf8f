import { describe, expect, it } from 'vitest';
import { newNumbers } from '../../src/domain/flat-range.ts';
import { type Input, MAX_ID, UNREADABLE } from '../../src/domain/input.ts';
import type { FlatRange, Intercom } from '../../src/domain/intercom.ts';
import { type IntercomRefInput, parseIntercomRef } from '../../src/domain/intercom-ref.ts';
import { type LinkChangeInput, parseLinkChange } from '../../src/domain/link-change.ts';
import {
  type NewIntercomFacts,
  type NewIntercomInput,
  parseNewIntercom,
  refuseNewIntercom,
} from '../../src/domain/new-intercom.ts';
import { FIELD_ERROR_CODES, type FieldError, invalid, refuseField } from '../../src/domain/refusal.ts';
import {
  type IntercomFacts,
  type IntercomUpdate,
  type IntercomUpdateInput,
  parseIntercomUpdate,
  planIntercomAmendment,
  refuseIntercomPlan,
} from '../../src/domain/update-intercom.ts';
import { fieldErrorText, textsOf } from '../../src/texts/index.ts';

const none = undefined;
const bad: typeof UNREADABLE = UNREADABLE;
const error = (field: string, code: string, more: object = {}) => ({ field, code, ...more });
const either = (code: string) => [
  error('intercomId', code, { other: 'externalId' }),
  error('externalId', code, { other: 'intercomId' }),
];
const noLines = { smartphoneSip: none, landlineSip: none, analog: none };
const ON = { smartphoneSip: true, landlineSip: true, analog: true };

describe('what names an intercom', () => {
  it.each<[string, Input<number>, string | undefined, unknown]>([
    ['id', 7, none, { by: 'id', intercomId: 7 }],
    ['external id', none, 'house-7', { by: 'externalId', externalId: 'house-7' }],
    ['external id with white space around it', none, ' house-7\n', { by: 'externalId', externalId: 'house-7' }],
    ['external id of 100 characters', none, '🏠'.repeat(100), { by: 'externalId', externalId: '🏠'.repeat(100) }],
    ['both', 7, 'house-7', either('MUTUALLY_EXCLUSIVE')],
    [
      'both, neither of them readable',
      bad,
      '',
      [...either('MUTUALLY_EXCLUSIVE'), error('intercomId', 'INVALID_INTEGER'), error('externalId', 'INVALID_TEXT')],
    ],
    ['neither', none, none, either('REQUIRED')],
    ['zero', 0, none, [error('intercomId', 'INVALID_INTEGER')]],
    ['beyond 2^53', 2 ** 53, none, [error('intercomId', 'INVALID_INTEGER')]],
    ['empty external id', none, '', [error('externalId', 'INVALID_TEXT')]],
    ['external id of 101 characters', none, '🏠'.repeat(101), [error('externalId', 'TOO_LONG')]],
  ])('%s', (_, intercomId, externalId, expected) => {
    const input: IntercomRefInput = { intercomId, externalId };
    expect(parseIntercomRef(input)).toEqual(Array.isArray(expected) ? invalid(expected) : expected);
  });
});

const draft = (more: Partial<NewIntercomInput> = {}): NewIntercomInput => ({
  reason: none,
  title: 'Garden street 7',
  externalId: none,
  flatFrom: 1,
  flatTo: 60,
  lines: noLines,
  ...more,
});

describe('the shape of a new intercom', () => {
  it.each<[string, Partial<NewIntercomInput>, object]>([
    ['has every line unless it is said otherwise', {}, {}],
    ['has the lines that are given', { lines: { ...noLines, analog: false } }, { lines: { ...ON, analog: false } }],
    [
      'has texts without white space around them',
      { title: ' A ', externalId: '\tB ' },
      { title: 'A', externalId: 'B' },
    ],
    ['may have one flat', { flatFrom: 5, flatTo: 5 }, { range: { from: 5, to: 5 } }],
    ['may have 10,000 flats', { flatFrom: 2, flatTo: 10_001 }, { range: { from: 2, to: 10_001 } }],
    [
      'may have the greatest number',
      { flatFrom: 2 ** 31 - 1, flatTo: 2 ** 31 - 1 },
      { range: { from: 2 ** 31 - 1, to: 2 ** 31 - 1 } },
    ],
    ['counts a title in characters', { title: '🏠'.repeat(200) }, { title: '🏠'.repeat(200) }],
  ])('%s', (_, more, expected) => {
    expect(parseNewIntercom(draft(more))).toEqual({
      ...{ title: 'Garden street 7', externalId: null, range: { from: 1, to: 60 }, lines: ON, reason: null },
      ...expected,
    });
  });

  it.each<[string, Partial<NewIntercomInput>, unknown[]]>([
    ['no title', { title: '' }, [error('title', 'INVALID_TEXT')]],
    ['a title of white space', { title: ' \n ' }, [error('title', 'INVALID_TEXT')]],
    ['a title with a control character', { title: 'A\u0000B' }, [error('title', 'INVALID_TEXT')]],
    ['a title with half a character', { title: 'A\ud800' }, [error('title', 'INVALID_TEXT')]],
    ['a title with a broken character', { title: 'A\ufffd' }, [error('title', 'INVALID_TEXT')]],
    ['a title of 201 characters', { title: 'x'.repeat(201) }, [error('title', 'TOO_LONG')]],
    ['an empty external id', { externalId: '' }, [error('externalId', 'INVALID_TEXT')]],
    ['the number zero', { flatFrom: 0 }, [error('flatFrom', 'INVALID_INTEGER')]],
    ['a fraction', { flatTo: 1.5 }, [error('flatTo', 'INVALID_INTEGER')]],
    ['a number beyond 2^31 - 1', { flatTo: 2 ** 31 }, [error('flatTo', 'INVALID_INTEGER')]],
    ['a range that ends before it begins', { flatFrom: 61 }, [error('flatTo', 'INVALID_RANGE', { other: 'flatFrom' })]],
    ['a range of 10,001 flats', { flatTo: 10_001 }, [error('flatTo', 'TOO_MANY')]],
    [
      'all of it at once',
      { title: '', externalId: 'x'.repeat(101), flatFrom: -1, flatTo: 0, lines: { ...noLines, analog: bad } },
      [
        error('title', 'INVALID_TEXT'),
        error('externalId', 'TOO_LONG'),
        error('flatFrom', 'INVALID_INTEGER'),
        error('flatTo', 'INVALID_INTEGER'),
        error('analog', 'INVALID_BOOLEAN'),
      ],
    ],
  ])('refuses %s', (_, more, errors) => {
    expect(parseNewIntercom(draft(more))).toEqual({ kind: 'invalid', errors });
  });
});

const change = (more: Partial<IntercomUpdateInput> = {}): IntercomUpdateInput => ({
  reason: none,
  ...{ intercomId: 7, externalId: none, title: none, newExternalId: none, flatFrom: none, flatTo: none },
  lines: noLines,
  force: false,
  ...more,
});

describe('the shape of an update of an intercom', () => {
  it('leaves alone what is left out, and tells taking the external id away from that', () => {
    const update = {
      kind: 'update',
      ...{ ref: { by: 'id', intercomId: 7 }, title: none, externalId: none, flatFrom: none, flatTo: none },
      ...{ lines: ON, force: false, reason: null },
    };
    expect(parseIntercomUpdate(change())).toEqual(update);
    expect(parseIntercomUpdate(change({ newExternalId: null }))).toEqual({ ...update, externalId: null });
    expect(parseIntercomUpdate(change({ newExternalId: ' B ' }))).toEqual({ ...update, externalId: 'B' });
  });

  it('tells everything that is wrong at once', () => {
    expect(
      parseIntercomUpdate(
        change({
          ...{ externalId: 'A', title: bad, newExternalId: '', flatFrom: bad, flatTo: 0 },
          lines: { ...noLines, landlineSip: bad },
        }),
      ),
    ).toEqual({
      kind: 'invalid',
      errors: [
        ...either('MUTUALLY_EXCLUSIVE'),
        error('title', 'INVALID_TEXT'),
        error('newExternalId', 'INVALID_TEXT'),
        error('flatFrom', 'INVALID_INTEGER'),
        error('flatTo', 'INVALID_INTEGER'),
        error('landlineSip', 'INVALID_BOOLEAN'),
      ],
    });
    expect(parseIntercomUpdate(change({ intercomId: none, flatFrom: 2, flatTo: 1 }))).toEqual({
      kind: 'invalid',
      errors: [...either('REQUIRED'), error('flatTo', 'INVALID_RANGE', { other: 'flatFrom' })],
    });
  });
});

const intercom: Intercom = { id: 7, title: 'Old', externalId: 'old', range: { from: 10, to: 20 } };
const wide: Intercom = { ...intercom, range: { from: 1_001, to: 25_004 } };
const bare: Intercom = { ...intercom, range: null };
const parsed = (more: Partial<IntercomUpdateInput>): IntercomUpdate => {
  const update = parseIntercomUpdate(change(more));
  if (update.kind === 'invalid') throw new Error('the shape is meant to be good');
  return update;
};

describe('the decision on an intercom', () => {
  it.each<[string, Partial<IntercomUpdateInput>, Intercom, Partial<Intercom>]>([
    ['keeps what is left out', {}, intercom, {}],
    ['sets the title', { title: 'New' }, intercom, { title: 'New' }],
    ['sets the external id', { newExternalId: 'new' }, intercom, { externalId: 'new' }],
    ['takes the external id away', { newExternalId: null }, intercom, { externalId: null }],
    ['moves one end', { flatTo: 30 }, intercom, { range: { from: 10, to: 30 } }],
    ['moves the other end', { flatFrom: 1 }, intercom, { range: { from: 1, to: 20 } }],
    ['moves both ends', { flatFrom: 30, flatTo: 40 }, intercom, { range: { from: 30, to: 40 } }],
    ['grows to 10,000 flats', { flatTo: 10_009 }, intercom, { range: { from: 10, to: 10_009 } }],
    ['narrows a range that is wider than that', { flatTo: 25_000 }, wide, { range: { from: 1_001, to: 25_000 } }],
    ['keeps the title of one without a range', { title: 'New' }, bare, { title: 'New' }],
    ['gives a range to one without', { flatFrom: 1, flatTo: 2 }, bare, { range: { from: 1, to: 2 } }],
  ])('%s', (_, more, before, after) => {
    const range = after.range ?? before.range;
    expect(planIntercomAmendment(parsed(more), before)).toEqual({
      ...{ kind: 'plan', before, after: { ...before, ...after }, lines: ON, force: false },
      ...(after.range
        ? { added: newNumbers(after.range, before.range), stays: range }
        : { added: [], stays: undefined }),
    });
  });

  it.each<[string, Partial<IntercomUpdateInput>, Intercom | undefined, unknown[]]>([
    ['a missing id', {}, none, [error('intercomId', 'NOT_FOUND')]],
    ['a missing external id', { intercomId: none, externalId: 'A' }, none, [error('externalId', 'NOT_FOUND')]],
    ['an end before the beginning', { flatTo: 9 }, intercom, [error('flatTo', 'INVALID_RANGE', { other: 'flatFrom' })]],
    [
      'a beginning after the end',
      { flatFrom: 21 },
      intercom,
      [error('flatFrom', 'INVALID_RANGE', { other: 'flatTo' })],
    ],
    ['more than 10,000 flats', { flatTo: 10_010 }, intercom, [error('flatTo', 'TOO_MANY')]],
    ['more than 10,000 flats from below', { flatFrom: 1 }, wide, [error('flatFrom', 'TOO_MANY')]],
    ['half a range for one without', { flatTo: 9 }, bare, [error('flatFrom', 'REQUIRED')]],
    ['the other half of it', { flatFrom: 9 }, bare, [error('flatTo', 'REQUIRED')]],
  ])('refuses %s', (_, more, before, errors) => {
    expect(planIntercomAmendment(parsed(more), before)).toEqual({ kind: 'invalid', errors });
  });

  it('deletes one that is there', () => {
    const ref = { by: 'id', intercomId: 7 } as const;
    const deletion = { kind: 'delete', ref, force: true, reason: null } as const;
    expect(planIntercomAmendment(deletion, intercom)).toEqual({
      ...{ kind: 'plan', before: intercom, after: null, added: [], stays: null, lines: ON, force: true },
    });
    expect(planIntercomAmendment(deletion, none)).toEqual({
      kind: 'invalid',
      errors: [error('intercomId', 'NOT_FOUND')],
    });
  });
});

describe('the numbers that are new to a range', () => {
  it.each<[string, FlatRange, FlatRange | null, readonly FlatRange[]]>([
    ['all, when there was none', { from: 1, to: 5 }, null, [{ from: 1, to: 5 }]],
    ['none, when it is the same', { from: 1, to: 5 }, { from: 1, to: 5 }, []],
    ['none, when it is narrower', { from: 2, to: 4 }, { from: 1, to: 5 }, []],
    ['above', { from: 1, to: 7 }, { from: 1, to: 5 }, [{ from: 6, to: 7 }]],
    ['below', { from: 1, to: 5 }, { from: 3, to: 5 }, [{ from: 1, to: 2 }]],
    [
      'on both sides',
      { from: 1, to: 9 },
      { from: 4, to: 6 },
      [
        { from: 1, to: 3 },
        { from: 7, to: 9 },
      ],
    ],
    ['all, when it lies above', { from: 8, to: 9 }, { from: 1, to: 5 }, [{ from: 8, to: 9 }]],
    ['all, when it lies below', { from: 1, to: 2 }, { from: 5, to: 9 }, [{ from: 1, to: 2 }]],
  ])('%s', (_, range, before, expected) => {
    expect(newNumbers(range, before)).toEqual(expected);
  });
});

const links = (names: readonly string[], more: Partial<LinkChangeInput> = {}): LinkChangeInput => ({
  ...{ intercomId: none, flat: none, flatId: 7, link: 'keys', attach: true, names, reason: none },
  ...more,
});

describe('the shape of keys and users', () => {
  it('has each name once, without white space around it', () => {
    expect(parseLinkChange(links([' A1', 'A2', 'A1 ', 'a1']))).toEqual({
      ...{ ref: { by: 'id', flatId: 7 }, link: 'keys', attach: true, reason: null },
      names: ['A1', 'A2', 'a1'],
    });
  });

  it('may be none, and may be 1,000', () => {
    expect(parseLinkChange(links([]))).toMatchObject({ names: [] });
    const names = Array.from({ length: 1_000 }, (_, i) => `K${i}`);
    expect(parseLinkChange(links(names))).toMatchObject({ names });
  });

  it('tells everything that is wrong at once, and which entry it is', () => {
    const names = ['A1', '', 'x'.repeat(64), 'x'.repeat(65), 'A;B', 'A\u0007', 'x'.repeat(101)];
    expect(parseLinkChange(links(names, { flat: 10 }))).toEqual({
      kind: 'invalid',
      errors: [
        error('flat', 'MUTUALLY_EXCLUSIVE', { other: 'flatId' }),
        error('flatId', 'MUTUALLY_EXCLUSIVE', { other: 'flat' }),
        error('keys', 'INVALID_TEXT', { index: 1 }),
        error('keys', 'TOO_LONG', { index: 3 }),
        error('keys', 'INVALID_TEXT', { index: 4 }),
        error('keys', 'INVALID_TEXT', { index: 5 }),
        error('keys', 'TOO_LONG', { index: 6 }),
      ],
    });
    expect(parseLinkChange(links(names, { link: 'users' }))).toMatchObject({
      errors: [{ index: 1 }, { index: 4 }, { index: 5 }, { field: 'users', code: 'TOO_LONG', index: 6 }],
    });
    expect(parseLinkChange(links(new Array(1_001).fill('A')))).toEqual({
      kind: 'invalid',
      errors: [error('keys', 'TOO_MANY')],
    });
  });
});

describe('the texts of what is refused', () => {
  const text = (it: FieldError) => fieldErrorText('en', it, (field) => field);

  it.each<[FieldError, string]>([
    [{ field: 'title', code: 'TOO_LONG' }, 'title is too long: at most 200 characters.'],
    [{ field: 'newExternalId', code: 'TOO_LONG' }, 'newExternalId is too long: at most 100 characters.'],
    [{ field: 'keys', index: 3, code: 'TOO_LONG' }, 'keys[3] is too long: at most 64 characters.'],
    [{ field: 'users', index: 0, code: 'TOO_LONG' }, 'users[0] is too long: at most 100 characters.'],
    [{ field: 'reason', code: 'TOO_LONG' }, 'reason is too long: at most 500 characters.'],
    [{ field: 'users', code: 'TOO_MANY' }, 'users has too many entries: at most 1000.'],
    [{ field: 'flatTo', code: 'TOO_MANY' }, 'flatTo makes the range too large: at most 10000 flats.'],
    [{ field: 'flatTo', code: 'INVALID_RANGE', other: 'flatFrom' }, 'flatTo must not be less than flatFrom.'],
    [{ field: 'flatFrom', code: 'INVALID_RANGE', other: 'flatTo' }, 'flatFrom must not be greater than flatTo.'],
    [{ field: 'intercomId', code: 'REQUIRED', other: 'externalId' }, 'Send intercomId or externalId.'],
    [{ field: 'intercomId', code: 'REQUIRED' }, 'intercomId is required.'],
    [{ field: 'externalId', code: 'TAKEN' }, 'Another intercom already has this externalId.'],
  ])('%j', (it, expected) => {
    expect(text(it)).toBe(expected);
  });

  it('never lack a limit or a name in either language', () => {
    for (const locale of ['en', 'ru'] as const) {
      expect(textsOf(locale).flatsInUse(3)).toContain('3');
      for (const field of ['keys', 'flatTo', 'title'] as const) {
        for (const code of FIELD_ERROR_CODES) {
          const told = fieldErrorText(locale, { field, code, other: 'flatFrom' }, (it) => `<${it}>`);
          expect(told).toContain(`<${field}>`);
          if (code !== 'TOO_LONG' && code !== 'TOO_MANY') expect(told).not.toContain('undefined');
        }
      }
    }
  });
});

describe('what the store holds against a plan', () => {
  const plan = (more: Partial<IntercomUpdateInput> = {}) => {
    const planned = planIntercomAmendment(parsed(more), intercom);
    if (planned.kind !== 'plan') throw new Error('the plan is meant to be good');
    return planned;
  };
  const facts: IntercomFacts = { holder: 7, lastFlatId: 20, inUse: undefined };
  const inUse = { count: 1, flats: [] };

  it.each<[string, Partial<IntercomUpdateInput>, Partial<IntercomFacts>, unknown]>([
    ['nothing when the external id is its own', {}, {}, undefined],
    ['nothing when nobody has the external id', { newExternalId: 'new' }, { holder: none }, undefined],
    ['another holder', { newExternalId: 'new' }, { holder: 8 }, refuseField('newExternalId', 'TAKEN')],
    ['used ids', { flatTo: 21 }, { lastFlatId: MAX_ID }, refuseField('flatTo', 'NO_ID_LEFT')],
    ['nothing when the last id is enough', { flatTo: 21 }, { lastFlatId: MAX_ID - 1 }, undefined],
    ['nothing when no flat is added', { flatTo: 19 }, { lastFlatId: MAX_ID }, undefined],
    ['flats in use', { flatTo: 19 }, { inUse }, { kind: 'flatsInUse', ...inUse }],
    ['nothing when no flat is in use', { flatTo: 19 }, { inUse: { count: 0, flats: [] } }, undefined],
    ['nothing when it is forced', { flatTo: 19, force: true }, { inUse }, undefined],
    ['the holder before the rest', { flatTo: 19 }, { holder: 8, inUse }, refuseField('newExternalId', 'TAKEN')],
  ])('%s', (_, more, known, expected) => {
    expect(refuseIntercomPlan(plan(more), { ...facts, ...known })).toEqual(expected);
  });

  it.each<[string, Partial<NewIntercomFacts>, unknown]>([
    ['lets a new intercom be', {}, undefined],
    ['refuses an external id that is taken', { holder: 3 }, refuseField('externalId', 'TAKEN')],
    ['refuses when no intercom id is left', { lastIntercomId: MAX_ID }, refuseField('flatTo', 'NO_ID_LEFT')],
    ['refuses when too few flat ids are left', { lastFlatId: MAX_ID - 1 }, refuseField('flatTo', 'NO_ID_LEFT')],
  ])('%s', (_, known, expected) => {
    const made = { title: 'New', externalId: 'new', range: { from: 1, to: 2 }, lines: ON, reason: null };
    expect(refuseNewIntercom(made, { holder: none, lastIntercomId: 0, lastFlatId: 0, ...known })).toEqual(expected);
  });
});
