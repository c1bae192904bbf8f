import { describe, expect, it } from 'vitest';
import { FIELD_ERROR_CODES } from '../../src/domain/refusal.ts';
import { fieldErrorText, localeOf } from '../../src/texts/index.ts';

describe('the language of an answer', () => {
  it.each([
    [undefined, 'en'],
    ['', 'en'],
    ['ru', 'ru'],
    ['ru-RU,ru;q=0.9,en-US;q=0.8,en;q=0.7', 'ru'],
    ['en-US,en;q=0.9,ru;q=0.8', 'en'],
    ['de, ru;q=0.5', 'ru'],
    ['RU', 'ru'],
    ['ru;q=0', 'en'],
    ['ru;q=0.3, en;q=0.4', 'en'],
    ['rus', 'en'],
    ['*', 'en'],
    ['ru;q=nonsense', 'en'],
  ])('%j is answered in %s', (header, locale) => {
    expect(localeOf(header)).toBe(locale);
  });

  it('has a text of its own for every code in both languages', () => {
    const texts = (['en', 'ru'] as const).flatMap((locale) =>
      FIELD_ERROR_CODES.map((code) =>
        fieldErrorText(locale, { field: 'flat', code, other: 'flatId' }, (field) => `<${field}>`),
      ),
    );
    expect(new Set(texts).size).toBe(2 * FIELD_ERROR_CODES.length);
    for (const text of texts) expect(text).toContain('<flat>');
  });
});
