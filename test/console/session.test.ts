import { expect } from 'vitest';
import { createToken, revokeToken } from '../../src/operations/tokens.ts';
import { itInChromium, personAt, useBrowser } from '../support/browser.ts';
import { HOUSES } from '../support/houses.ts';
import { start } from '../support/start.ts';

const browser = useBrowser();
const tokenOf = ({ authorization }: { authorization: string }) => authorization.replace('Bearer ', '');

itInChromium('signs in by token; a second tab is signed in, and signing out reaches both', async () => {
  await using world = await start({ flats: HOUSES });
  const token = tokenOf(await world.bearer('write', 'anna'));
  await using person = await personAt(await browser(), world.url);
  const { page } = person;
  await person.open('#/intercoms/1/117');
  await page.getByLabel('Your token').fill('if_wrong');
  await page.keyboard.press('Enter');
  await page.getByRole('alert').filter({ hasText: 'The token is not valid.' }).waitFor();
  // As it comes from a message.
  await page.getByLabel('Your token').fill(`  ${token} `);
  await page.keyboard.press('Enter');
  await page.getByText('anna').waitFor();
  // The place that was asked for.
  await page.getByRole('heading', { name: 'Flat 117' }).waitFor();
  expect(await page.evaluate('[Object.values(localStorage), document.cookie, location.search]')).toEqual([[], '', '']);

  const second = await person.tab();
  await second.goto(`${world.url}/console/#/flats`);
  await second.getByText('anna').waitFor();
  await second.getByRole('button', { name: 'Sign out' }).click();
  for (const tab of [page, second]) await tab.getByRole('heading', { name: 'Sign in' }).waitFor();
  expect(await page.evaluate('sessionStorage.length')).toBe(0);
  expect(person.troubles).toEqual([]);
});

itInChromium('a read token sees lines and no switch; one that is revoked is back at the gate', async () => {
  await using world = await start({ flats: HOUSES });
  const token = tokenOf(await world.bearer('read', 'anna'));
  await using person = await personAt(await browser(), world.url, { token });
  const { page } = person;
  await person.open('#/intercoms/1/117');
  await page.getByText('Your token may read only').waitFor();
  await page.getByRole('region', { name: 'Flat 117' }).getByText('Nothing rings').first().waitFor();
  expect(await page.getByRole('checkbox').count()).toBe(0);
  await person.open('#/flats');
  await page.getByText('90 match').waitFor();
  expect(await page.getByRole('button', { name: /Change/ }).count()).toBe(0);

  await revokeToken(world.store, 'anna');
  await page.getByRole('link', { name: 'History' }).click();
  await page.getByRole('heading', { name: 'Sign in' }).waitFor();
  await page.getByRole('alert').waitFor();
});

itInChromium('a token that expires is said to, and its end leads to the gate with the reason', async () => {
  // The clock of the service stands still until the page is there, however long that takes.
  const began = Date.now();
  let isThere = false;
  await using world = await start({ flats: HOUSES, now: () => (isThere ? Date.now() : began) });
  const created = await createToken(world.store, 'anna', 'read', began + 4_000);
  if (created.kind !== 'created') throw new Error(created.problem);
  await using person = await personAt(await browser(), world.url, { token: created.token });
  const { page } = person;
  await person.open('#/history');
  await page.getByText('Your token expires on').waitFor();
  isThere = true;
  await page.getByRole('heading', { name: 'Sign in' }).waitFor();
  await page.getByRole('alert').filter({ hasText: 'The token has expired: ask for another one.' }).waitFor();
  expect(person.troubles).toEqual([]);
});

itInChromium('the installation is named in the bar and in the title, also at the gate', async () => {
  await using world = await start({ flats: HOUSES, serviceName: 'TEST <b>2' });
  await world.bearer('read');
  await using person = await personAt(await browser(), world.url);
  const { page } = person;
  await person.open('#/flats');
  await page.getByRole('heading', { name: 'Sign in' }).waitFor();
  await page.getByRole('link', { name: 'Intercom flats TEST <b>2' }).waitFor();
  await page.getByLabel('Your token').fill(tokenOf(await world.bearer('write')));
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'Flats' }).waitFor();
  await expect.poll(() => page.title()).toBe('Flats · TEST <b>2 · Intercom flats');
  expect(await person.objections()).toEqual([]);
});

itInChromium('the language is changed at once, and kept', async () => {
  await using world = await start({ flats: HOUSES });
  await using person = await personAt(await browser(), world.url);
  const { page } = person;
  await person.open('#/flats?flat=1');
  await page.getByRole('button', { name: 'Русский' }).click();
  await page.getByRole('heading', { name: 'Квартиры', level: 1 }).waitFor();
  await page.reload();
  await page.getByText('Найдено: 90').waitFor();
});
