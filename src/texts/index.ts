import { MAX_COUNT, MAX_LENGTH } from '../domain/limits.ts';
import type { Field, FieldError } from '../domain/refusal.ts';
import type { Catalogue } from './catalogue.ts';
import { en } from './en.ts';
import { ru } from './ru.ts';

/** The languages of the texts; the first is the default. */
const LOCALES = ['en', 'ru'] as const;

export type Locale = (typeof LOCALES)[number];

const CATALOGUES: Readonly<Record<Locale, Catalogue>> = { en, ru };

export const textsOf = (locale: Locale): Catalogue => CATALOGUES[locale];

/** The language that an `Accept-Language` header prefers among ours (RFC 9110, 12.5.4). */
export function localeOf(acceptLanguage: string | undefined): Locale {
  let best: Locale = LOCALES[0];
  let bestWeight = 0;
  for (const part of acceptLanguage?.split(',') ?? []) {
    const [range = '', ...params] = part
      .toLowerCase()
      .split(';')
      .map((it) => it.trim());
    const locale = LOCALES.find((it) => range === it || range.startsWith(`${it}-`));
    const quality = params.find((it) => it.startsWith('q='));
    const weight = quality ? Number(quality.slice(2)) : 1;
    if (locale && weight > bestWeight) [best, bestWeight] = [locale, weight];
  }
  return best;
}

/** The text of a field error, with the fields in the caller's spelling. */
export function fieldErrorText(locale: Locale, error: FieldError, spell: (field: Field) => string): string {
  const { field, code, other } = error;
  return textsOf(locale).field[code]({
    field,
    name: fieldPath(error, spell),
    other: other && fieldPath({ ...error, field: other }, spell),
    maxLength: MAX_LENGTH[field],
    maxCount: MAX_COUNT[field],
  });
}

/** Where an error is, in the caller's spelling: the field, or an entry of it as `keys[0]`. */
export function fieldPath({ field, within, index }: FieldError, spell: (field: Field) => string): string {
  const name = within ? `${spell(within)}.${spell(field)}` : spell(field);
  return index === undefined ? name : `${name}[${index}]`;
}
