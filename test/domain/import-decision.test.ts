import { describe, expect, it } from 'vitest';
import {
  decideFlatId,
  decideIntercomRow,
  type FlatIdFacts,
  type IntercomRowFacts,
  rangeWith,
} from '../../src/domain/import-decision.ts';
import type { FlatRow, Row } from '../../src/domain/import-row.ts';
import { MAX_ID } from '../../src/domain/input.ts';
import type { Intercom } from '../../src/domain/intercom.ts';

const none = undefined;
const known: Intercom = { id: 7, title: 'Old', externalId: 'old', range: { from: 10, to: 20 } };
const free: IntercomRowFacts = { isTaken: () => false, hasFlatBelow: () => false, hasFlatAbove: () => false };
const busy: IntercomRowFacts = { isTaken: () => true, hasFlatBelow: () => true, hasFlatAbove: () => true };
const refused = (column: string, reason: string) => ({ kind: 'refused', error: { column, reason } });

describe('what a row does to its intercom', () => {
  it.each<[string, Partial<Row>, Intercom | undefined, unknown]>([
    [
      'creates one',
      {},
      none,
      { kind: 'created', intercom: { ...known, title: 'Intercom 7', externalId: null, range: null } },
    ],
    [
      'creates one as the row says',
      { intercomTitle: 'New', intercomExternalId: 'new', intercomRange: { from: 1, to: 2 } },
      none,
      { kind: 'created', intercom: { id: 7, title: 'New', externalId: 'new', range: { from: 1, to: 2 } } },
    ],
    ['keeps what the row does not say', {}, known, { kind: 'same', intercom: known }],
    ['keeps what is so already', { intercomTitle: 'Old' }, known, { kind: 'same', intercom: known }],
    ['sets the title', { intercomTitle: 'New' }, known, { kind: 'changed', intercom: { ...known, title: 'New' } }],
    [
      'sets the range',
      { intercomRange: { from: 1, to: 20 } },
      known,
      { kind: 'changed', intercom: { ...known, range: { from: 1, to: 20 } } },
    ],
  ])('%s', (_, more, intercom, expected) => {
    expect(decideIntercomRow({ intercomId: 7, ...more } as Row, intercom, free)).toEqual(expected);
  });

  it.each<[string, Partial<Row>, Intercom | undefined, unknown]>([
    [
      'an external id that another intercom has',
      { intercomExternalId: 'new' },
      known,
      refused('intercomExternalId', 'externalIdTaken'),
    ],
    [
      'the same of a new intercom',
      { intercomExternalId: 'new' },
      none,
      refused('intercomExternalId', 'externalIdTaken'),
    ],
    [
      'a range above some of its flats',
      { intercomRange: { from: 11, to: 20 } },
      known,
      refused('intercomFlatFrom', 'flatsOutside'),
    ],
    [
      'a range below some of its flats',
      { intercomRange: { from: 10, to: 19 } },
      known,
      refused('intercomFlatTo', 'flatsOutside'),
    ],
  ])('refuses %s', (_, more, intercom, expected) => {
    expect(decideIntercomRow({ intercomId: 7, ...more } as Row, intercom, busy)).toEqual(expected);
  });

  it('asks for nothing where nothing changes', () => {
    expect(decideIntercomRow({ intercomId: 7, intercomExternalId: 'old' }, known, busy)).toMatchObject({
      kind: 'same',
    });
  });

  it('widens the range only for a number outside of it', () => {
    expect([rangeWith({ from: 10, to: 20 }, 15), rangeWith({ from: 10, to: 20 }, 21), rangeWith(null, 3)]).toEqual([
      none,
      { from: 10, to: 21 },
      { from: 3, to: 3 },
    ]);
  });
});

describe('the record id of a row', () => {
  const row = (flatId?: number): FlatRow => ({ intercomId: 7, flat: 10, lines: {}, ...(flatId && { flatId }) });
  const facts: FlatIdFacts = { known: none, nextId: 100, isUsed: (id) => id === 5 };

  it.each<[string, FlatRow, Partial<FlatIdFacts>, unknown]>([
    ['is that of the flat that exists', row(), { known: 3 }, { kind: 'existing', flatId: 3 }],
    ['may say so', row(3), { known: 3 }, { kind: 'existing', flatId: 3 }],
    ['must not be another one', row(4), { known: 3 }, refused('flatId', 'otherFlatId')],
    ['is the next one', row(), {}, { kind: 'new', flatId: 100 }],
    ['is the one that the row asks for', row(6), {}, { kind: 'new', flatId: 6 }],
    ['must not be that of another flat', row(5), {}, refused('flatId', 'flatIdTaken')],
    ['may be beyond the next one', row(500), { isUsed: () => true }, { kind: 'new', flatId: 500 }],
    ['is refused when none is left', row(), { nextId: MAX_ID + 1 }, refused('flat', 'noIdLeft')],
  ])('%s', (_, it, known, expected) => {
    expect(decideFlatId(it, { ...facts, ...known })).toEqual(expected);
  });
});
