import { expect } from 'vitest';
import { itInChromium, personAt, useBrowser } from '../support/browser.ts';
import { HOUSES } from '../support/houses.ts';
import { start } from '../support/start.ts';

const browser = useBrowser();

itInChromium(
  'an administrator makes a building, changes it, sees what its deletion would lose, and deletes it',
  async () => {
    await using world = await start({ flats: HOUSES });
    await using person = await personAt(await browser(), world.url);
    const { page } = person;
    const dialog = page.getByRole('dialog');
    await person.open();
    await page.getByRole('button', { name: 'New building' }).click();
    expect(await person.objections()).toEqual([]);
    await dialog.getByLabel('Address').fill('Новая 7');
    await dialog.getByLabel('Id in another system').fill('crm-7');
    await dialog.getByLabel('First flat').fill('9');
    await dialog.getByLabel('Last flat').fill('8');
    await dialog.getByRole('button', { name: 'New building' }).click();
    await dialog.getByRole('alert').filter({ hasText: '“Last flat”' }).waitFor();
    await dialog.getByLabel('First flat').fill('1');
    await dialog.getByRole('button', { name: 'New building' }).click();
    await page.getByRole('heading', { level: 1, name: 'Новая 7' }).waitFor();
    await page.getByText('crm-7 · 8 flats').waitFor();

    await page.getByRole('button', { name: 'Edit building' }).click();
    await dialog.getByLabel('Address').fill('Новая 7а');
    await dialog.getByLabel('Last flat').fill('10');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: 'Новая 7а' }).waitFor();
    await page.getByText('crm-7 · 10 flats').waitFor();

    await person.open('#/intercoms/1');
    await page.getByRole('button', { name: 'Delete building' }).click();
    await dialog.getByLabel('Why').fill('torn down');
    await dialog.getByRole('button', { name: 'Delete building' }).click();
    await dialog.getByText('30 flats with keys or users would be deleted:').waitFor();
    await dialog.getByText('Flat 101: keys 1, users 1').waitFor();
    expect(await person.objections()).toEqual([]);
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    expect((await world.store.findIntercom({ by: 'id', intercomId: 1 }))?.id).toBe(1);
    await page.getByRole('button', { name: 'Delete building' }).click();
    await dialog.getByRole('button', { name: 'Delete building' }).click();
    await dialog.getByRole('button', { name: 'Delete them all the same' }).click();
    await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
    expect(await world.store.findIntercom({ by: 'id', intercomId: 1 })).toBeUndefined();
    expect(person.troubles).toEqual([]);
  },
);

itInChromium('an administrator adds and removes keys and users of a flat; others only see them', async () => {
  await using world = await start({ flats: HOUSES });
  const tokenOf = async (scope: 'admin' | 'write') => (await world.bearer(scope)).authorization.replace('Bearer ', '');
  await using person = await personAt(await browser(), world.url, { token: await tokenOf('admin'), locale: 'ru-RU' });
  const { page } = person;
  await person.open('#/intercoms/1/102');
  await page.getByLabel('Новый ключ').fill('A;B');
  await page.keyboard.press('Enter');
  await page.getByRole('alert').waitFor();
  await page.getByLabel('Новый ключ').fill('NEW-1');
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Убрать NEW-1' }).waitFor();
  await page.getByRole('button', { name: 'Убрать KEY-1-102' }).click();
  await page.getByRole('button', { name: 'Убрать KEY-1-102' }).waitFor({ state: 'detached' });
  await page.getByLabel('Новый логин').fill('anna');
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Убрать anna' }).waitFor();
  expect(await world.store.keysOf([2])).toEqual(new Map([[2, ['NEW-1']]]));
  expect(await world.store.usersOf([2])).toEqual(new Map([[2, ['anna', 'resident-1-102']]]));
  expect(await person.objections()).toEqual([]);
  expect(person.troubles).toEqual([]);

  await using other = await personAt(await browser(), world.url, { token: await tokenOf('write') });
  await other.open('#/intercoms/1/102');
  await other.page.getByText('NEW-1').waitFor();
  expect(await other.page.getByRole('button', { name: /Remove|Edit building|Delete building/ }).count()).toBe(0);
});
