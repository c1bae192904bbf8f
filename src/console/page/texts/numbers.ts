/** The languages of the page. */
export const LOCALES = ['en', 'ru'] as const;

export type Locale = (typeof LOCALES)[number];

/** The forms of a word after a number, as `Intl.PluralRules` names them. */
export type Forms = Partial<Record<Intl.LDMLPluralRule, string>> & { readonly other: string };

const PLURALS: Readonly<Record<Locale, Intl.PluralRules>> = {
  en: new Intl.PluralRules('en'),
  ru: new Intl.PluralRules('ru'),
};
const NUMBERS: Readonly<Record<Locale, Intl.NumberFormat>> = {
  en: new Intl.NumberFormat('en'),
  ru: new Intl.NumberFormat('ru'),
};

export const formatNumber = (locale: Locale, value: number): string => NUMBERS[locale].format(value);

/** A number and its word: "1 flat", "5 квартир". */
export const count = (locale: Locale, value: number, forms: Forms): string =>
  `${formatNumber(locale, value)} ${forms[PLURALS[locale].select(value)] ?? forms.other}`;
