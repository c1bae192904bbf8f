import { computed, effect, signal } from '@preact/signals';
import { en, type Texts } from './texts/en.ts';
import { formatNumber, LOCALES, type Locale } from './texts/numbers.ts';
import { ru } from './texts/ru.ts';

const CATALOGUES: Readonly<Record<Locale, Texts>> = { en, ru };
const KEPT_AS = 'language';

const isLocale = (text: string | null | undefined): text is Locale => LOCALES.some((it) => it === text);

/** The language that was chosen, or else the first of the browser's that the page knows. */
function firstLocale(): Locale {
  const chosen = localStorage.getItem(KEPT_AS);
  if (isLocale(chosen)) return chosen;
  return navigator.languages.map((it) => it.slice(0, 2).toLowerCase()).find(isLocale) ?? 'en';
}

export const locale = signal<Locale>(firstLocale());

/** The texts in the language of the page. */
export const texts = computed(() => CATALOGUES[locale.value]);

export function switchLocale(): void {
  locale.value = locale.value === 'en' ? 'ru' : 'en';
  localStorage.setItem(KEPT_AS, locale.value);
}

effect(() => {
  document.documentElement.lang = locale.value;
});

export const number = (value: number): string => formatNumber(locale.value, value);

/** A count of the service, which may be a lower bound. */
export const counted = ({
  totalCount,
  totalCountIsExact,
}: {
  totalCount: number;
  totalCountIsExact: boolean;
}): string => (totalCountIsExact ? number(totalCount) : texts.value.moreThan(number(totalCount)));

const dates = computed(
  () => new Intl.DateTimeFormat(locale.value, { dateStyle: 'medium', timeStyle: 'medium', hourCycle: 'h23' }),
);
const times = computed(() => new Intl.DateTimeFormat(locale.value, { timeStyle: 'short', hourCycle: 'h23' }));

export const dateTime = (moment: string): string => dates.value.format(new Date(moment));
export const timeOfDay = (moment: number): string => times.value.format(moment);
