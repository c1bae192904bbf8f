import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { REST_PATH } from '../../src/rest/address.ts';
import { UPDATE_KEYS } from '../../src/rest/body.ts';
import { BUILDING, start } from '../support/start.ts';

const FORM = { 'content-type': 'application/x-www-form-urlencoded' };

/** The keys that a header names, decoded; each begins the key that was sent. */
const decoded = (header: string | null): string[] =>
  header === null ? [] : header.split(', ').map((it) => (it === '""' ? '' : decodeURIComponent(it)));

describe('X-Unknown-Keys', () => {
  it('names a misspelled switch, whether the update is accepted, refused or in conflict', async () => {
    await using world = await start({ flats: BUILDING });
    const misspelled = { is_analog_line_avaliable: false };
    const answers = [
      await world.patch({ flat_id: 1, ...misspelled }),
      await world.patch({ flat_id: 99, ...misspelled }),
      await world.patch({ flat_id: 1, ...misspelled }, { 'if-match': '"7"' }),
      await world.patch('flat_id=1&is_analog_line_avaliable=0', FORM),
    ];
    expect(answers.map((it) => [it.status, it.headers.get('x-unknown-keys')])).toEqual(
      [200, 422, 412, 200].map((status) => [status, 'is_analog_line_avaliable']),
    );
    expect((await world.patch({ flat_id: 1 })).headers.get('x-unknown-keys')).toBe(null);
  });

  it('names the first 10 keys, each encoded and cut to 64 characters', async () => {
    await using world = await start({ flats: BUILDING });
    const keys = ['', 'a b', 'a,b', '"', '\u0436', '\ud800', '\u{1f600}'.repeat(9), '\r\nSet-Cookie: x=1', '%41'];
    const body = Object.fromEntries([...keys, 'x'.repeat(70), 'one', 'too', 'many'].map((key) => [key, null]));
    const { headers, status } = await world.patch({ flat_id: 1, ...body });
    expect([status, headers.get('x-unknown-keys')?.split(', ')]).toEqual([
      200,
      [
        ...['""', 'a%20b', 'a%2Cb', '%22', '%D0%B6', '%EF%BF%BD', '%F0%9F%98%80'.repeat(5)],
        ...['%0D%0ASet-Cookie%3A%20x%3D1', '%2541', 'x'.repeat(64)],
      ],
    ]);
    expect(headers.get('set-cookie')).toBe(null);
  });

  it('names what a GET ignores, too', async () => {
    await using world = await start({ flats: BUILDING });
    const unknown = async (query: string) =>
      (await fetch(`${world.url}${REST_PATH}?${query}`)).headers.get('x-unknown-keys');
    expect([
      await unknown('flat_id=1'),
      await unknown('flatId=1'),
      await unknown('flat_id=1&is_analog_line_available=1&a[]=2&=3'),
    ]).toEqual([null, 'flatId', 'is_analog_line_available, a%5B%5D, ""']);
  });

  it('never fails a request, whatever keys a body or a query has', async () => {
    await using world = await start({ flats: BUILDING });
    const unit = fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code));
    const key = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string({ unit, maxLength: 80 }),
      fc.string({ unit: fc.constantFrom('\ud83d', '\ude00', '\0', '\r', '\n', ',', '%', 'x'), maxLength: 80 }),
      fc.constantFrom('__proto__', 'constructor', 'toString', 'hasOwnProperty', '', '0', ...UPDATE_KEYS),
    );
    const keys = fc.uniqueArray(key, { maxLength: 14 });
    await fc.assert(
      fc.asyncProperty(keys, fc.constantFrom('json', 'form', 'query'), async (names, way) => {
        // Values that no known key takes are refused, with the header all the same.
        const fields = Object.fromEntries(names.map((name) => [name, '1']));
        const pairs = new URLSearchParams(names.map((name) => [name, '1'])).toString();
        const answer =
          way === 'query'
            ? await fetch(`${world.url}${REST_PATH}?${pairs}`)
            : await world.patch(way === 'json' ? JSON.stringify(fields) : pairs, way === 'json' ? {} : FORM);
        const known = way === 'query' ? UPDATE_KEYS.slice(0, 3) : UPDATE_KEYS;
        const ignored = Object.keys(fields)
          .filter((it) => !known.includes(it))
          .map((it) => it.toWellFormed());
        const header = answer.headers.get('x-unknown-keys');
        const named = decoded(header);
        expect([200, 422]).toContain(answer.status);
        // Lone halves of surrogate pairs fall together in text that is well-formed.
        if (new Set(ignored).size === ignored.length) expect(named.length).toBe(Math.min(ignored.length, 10));
        for (const [index, name] of named.entries()) expect(ignored[index]?.startsWith(name.slice(0, -1))).toBe(true);
        for (const it of header?.split(', ') ?? []) expect(it.length).toBeLessThanOrEqual(64);
      }),
      { numRuns: 600, seed: 17 },
    );
    expect(world.faults).toEqual([]);
  });
});
