import { readFileSync } from 'node:fs';
import { expect } from 'vitest';
import { itInChromium, personAt, useBrowser } from '../support/browser.ts';
import { HOUSES } from '../support/houses.ts';
import { start, type World } from '../support/start.ts';

const browser = useBrowser();

const landlines = async (world: World) =>
  (await world.gql('{ intercomFlats(filter: { isLandlineSipLineAvailable: true }, first: 0) { totalCount } }')).data
    .intercomFlats.totalCount;

itInChromium('one search finds a flat by key, login, number, and address with number', async () => {
  const house = { intercomId: 4, intercomTitle: 'Garden Street 103', flat: 1, lines: {} };
  await using world = await start({ flats: [...HOUSES, house] });
  await using person = await personAt(await browser(), world.url);
  const { page } = person;
  await person.open();
  await page.getByText('What rings').waitFor();
  const box = page.getByRole('combobox', { name: 'Search' });
  for (const [typed, group, option] of [
    ['KEY-3-104', 'By key', 'Flat 104, Садовая 11'],
    ['resident-2-105', 'By login', 'Flat 105, 12 Garden Street, entrance 2'],
    ['сад', 'By address', 'Садовая 11'],
    ['118', 'By flat number', 'Flat 118, 12 Garden Street, entrance 1'],
    ['flat 118', 'By flat number', 'Flat 118, 12 Garden Street, entrance 1'],
    ['117 garden', 'By address and flat', 'Flat 117, 12 Garden Street, entrance 1 Nothing rings'],
    ['12 garden', 'By address', '12 Garden Street, entrance 1'],
    ['garden, flat 117', 'By address and flat', 'Flat 117, 12 Garden Street, entrance 1 Nothing rings'],
  ] as const) {
    await page.keyboard.press('/');
    await box.fill(typed);
    await page.getByRole('group', { name: group, exact: true }).getByRole('option', { name: option }).waitFor();
  }
  expect(await person.objections()).toEqual([]);
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'Flat 117' }).waitFor();
  expect(page.url()).toBe(`${world.url}/console/#/intercoms/1/117`);
  await box.fill('nobody');
  await page.getByText('Nothing is found. An address with a flat').waitFor();
  await box.fill('ga');
  await page.getByText('type at least 3 characters').waitFor();
  // There are flats 103 of an address with `garden street`, too.
  await box.fill('garden street 103');
  await page.getByRole('option', { name: 'Flat 103' }).first().waitFor();
  expect(await page.getByRole('option').first().textContent()).toBe('Garden Street 103 #4');
  expect(person.troubles).toEqual([]);
});

itInChromium('Enter in the search opens what is found for the text that stands there', async () => {
  await using world = await start({ flats: HOUSES });
  await using person = await personAt(await browser(), world.url);
  const { page } = person;
  await person.open();
  const box = page.getByRole('combobox', { name: 'Search' });
  await box.fill('garden 101');
  await page.getByRole('option', { name: 'Flat 101' }).first().waitFor();
  for (const key of ['Backspace', '2', 'Enter']) await page.keyboard.press(key);
  await page.getByRole('heading', { name: 'Flat 102' }).waitFor();
  // Before there is a list.
  await box.fill('garden 103');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'Flat 103' }).waitFor();

  // Who has left the field wants no list any more, and may come back to it.
  await box.fill('garden 104');
  await page.keyboard.press('Tab');
  await page.waitForTimeout(400);
  expect(await page.getByRole('listbox').count()).toBe(0);
  await box.press('Enter');
  await page.getByRole('heading', { name: 'Flat 104' }).waitFor();
  expect(person.troubles).toEqual([]);
});

itInChromium('the filter is the address, and a bad one is answered in the words of the service', async () => {
  await using world = await start({ flats: HOUSES });
  await using person = await personAt(await browser(), world.url);
  const { page } = person;
  await person.open('#/flats');
  await page.getByText('90 match').waitFor();
  await page.getByLabel('Address contains').fill('garden');
  await page.getByRole('button', { name: 'Show', exact: true }).click();
  await page.getByText('60 match').waitFor();
  await page.getByLabel('Handset').selectOption('off');
  await page.getByText('31 match').waitFor();
  expect(page.url()).toContain('#/flats?address=garden&handset=off');
  await page.goBack();
  await page.getByText('60 match').waitFor();
  await person.open('#/flats?address=ga');
  await page.getByRole('alert').getByText('“Address” must have at least 3 characters.').waitFor();
  for (const bad of ['from=x', 'since=May 1', 'intercom=x', 'landline=maybe']) {
    await person.open('#/flats');
    await page.getByText('90 match').waitFor();
    await person.open(`#/flats?${bad}`);
    await page.getByRole('alert').waitFor();
    expect(await page.getByRole('button', { name: /Change all|Export/ }).count()).toBe(0);
  }
  await page.getByText('A condition in the address cannot be read: Landline').waitFor();
  await person.open('#/history?flat=x');
  await page.getByRole('alert').getByText('“Flat record” must be a whole number').waitFor();
  await person.open('#/flats?address=nowhere');
  await page.getByText('No flat matches.').waitFor();
});

itInChromium('changes all that match: previewed with its harm, confirmed by number, done', async () => {
  await using world = await start({ flats: HOUSES });
  // Landline alone rings in these two.
  for (const flat of [102, 103]) {
    await world.patch({
      intercom_id: 1,
      flat,
      is_smartphone_sip_line_available: false,
      is_analog_line_available: false,
    });
  }
  await using person = await personAt(await browser(), world.url);
  const { page } = person;
  const before = await landlines(world);
  await person.open('#/flats?address=garden');
  await page.getByRole('button', { name: 'Change all that match' }).click();
  const bulk = page.getByRole('region', { name: 'Change lines' });
  expect(await bulk.getByRole('button', { name: 'Preview' }).isDisabled()).toBe(true);
  await bulk.getByLabel('Landline').selectOption('off');
  await bulk.getByLabel('Why').fill('month end');
  await bulk.getByRole('button', { name: 'Preview' }).click();
  await bulk.getByText('60 flats match, 39 would change.').waitFor();
  await bulk.getByText('2 flats would be left with no line that rings.').waitFor();
  await bulk.getByText('Landline: on in 39 of 60 flats before, in 0 after').waitFor();
  expect(await person.objections()).toEqual([]);
  expect(await landlines(world)).toBe(before);

  // The preview is of just this change.
  await bulk.getByLabel('Handset').selectOption('on');
  expect(await bulk.getByText('would change').count()).toBe(0);
  await bulk.getByText('Preview it again.').waitFor();
  await bulk.getByLabel('Handset').selectOption('');
  await bulk.getByRole('button', { name: 'Preview' }).click();
  const confirm = bulk.getByRole('button', { name: 'Change 39 flats' });
  await confirm.waitFor();
  expect(await confirm.isDisabled()).toBe(true);
  await bulk.getByLabel('To confirm, type the number 39').fill('39');
  await confirm.click();
  await bulk.getByText('Done: 39 flats changed of 60 flats.').waitFor();
  expect(await bulk.getByText('would change').count()).toBe(0);
  expect(await landlines(world)).toBe(before - 39);
  await world.patch({ intercom_id: 1, flat: 105, is_landline_sip_line_available: true });
  await bulk.getByRole('button', { name: 'Undo…' }).click();
  await bulk.getByText('38 flats would be set back.').waitFor();
  await bulk.getByText('1 flat left alone, since the lines were changed again.').waitFor();
  await bulk.getByRole('link', { name: /^local changed flat 105/ }).waitFor();
  expect(await person.objections()).toEqual([]);
  // While it runs, who leaves is asked.
  const held = Promise.withResolvers<void>();
  await page.route('**/graphql', async (route) => {
    if (route.request().postData()?.includes('"dryRun":false') === true) await held.promise;
    await route.continue();
  });
  await bulk.getByRole('button', { name: 'Set 38 flats back' }).click();
  await bulk.getByText('Working…').waitFor();
  const questions: string[] = [];
  page.once('dialog', (it) => {
    questions.push(it.message());
    void it.dismiss();
  });
  await page.getByRole('link', { name: 'History', exact: true }).click();
  await expect.poll(() => questions).toEqual(['The change is still running. Leave, and stop it?']);
  held.resolve();
  await bulk.getByText('Done: 38 flats set back.').waitFor();
  expect(await bulk.getByText('Done:').count()).toBe(1);
  expect(await landlines(world)).toBe(before);
  await bulk.getByRole('link', { name: 'Show in the history' }).click();
  await page.getByRole('link', { name: 'The whole history' }).click();
  await page.getByRole('cell', { name: 'month end' }).waitFor();
  expect(person.troubles).toEqual([]);
});

itInChromium('changes chosen flats, each only as it was seen; another filter clears the choice', async () => {
  await using world = await start({ flats: HOUSES });
  await using person = await personAt(await browser(), world.url);
  const { page } = person;
  await person.open('#/flats?intercom=1');
  await page.getByLabel('Choose flat 101, 12 Garden Street, entrance 1').check();
  await page.getByLabel('Choose flat 102, 12 Garden Street, entrance 1').check();
  await page.getByRole('button', { name: 'Change the 2 flats chosen' }).click();
  const bulk = page.getByRole('region', { name: 'Change lines' });
  await bulk.getByLabel('Smartphone').selectOption('off');
  await bulk.getByLabel('Why').fill('asked for');
  await bulk.getByRole('button', { name: 'Preview' }).click();
  await bulk.getByText('2 flats match, 2 would change.').waitFor();
  await world.patch({ intercom_id: 1, flat: 102, is_analog_line_available: true });
  await bulk.getByRole('button', { name: 'Change 2 flats' }).click();
  await bulk.getByText('Done: 1 flat changed of 2 flats.').waitFor();
  await bulk.getByRole('listitem').getByText('Flat 102, 12 Garden Street, entrance 1').waitFor();

  await bulk.getByRole('button', { name: 'Close' }).click();
  await page.getByLabel('Choose flat 103, 12 Garden Street, entrance 1').check();
  await page.getByText('30 match · 1 flat chosen').waitFor();
  await page.getByLabel('Handset').selectOption('off');
  await page.getByText('no flat is chosen any more').waitFor();
});

itInChromium('a change that is stopped says what it has done, and goes on', async () => {
  const flats = Array.from({ length: 3_000 }, (_, i) => ({ intercomId: 1, flat: 1 + i, lines: {} }));
  await using world = await start({ flats });
  await using person = await personAt(await browser(), world.url);
  const { page } = person;
  // The answer is held back, so that there is something to stop.
  await page.route('**/graphql', async (route) => {
    const isRun = route.request().postData()?.includes('"reason"') === true;
    await (isRun && (await landlines(world)) === 3_000 ? undefined : route.continue());
  });
  await person.open('#/flats?intercom=1');
  await page.getByRole('button', { name: 'Change all that match' }).click();
  const bulk = page.getByRole('region', { name: 'Change lines' });
  await bulk.getByLabel('Landline').selectOption('off');
  await bulk.getByLabel('Why').fill('month end');
  const previewed = performance.now();
  await bulk.getByRole('button', { name: 'Preview' }).click();
  await bulk.getByLabel('To confirm, type the number 3,000').fill('3000');
  const previewMs = performance.now() - previewed;
  const asking = page.waitForRequest((it) => it.postData()?.includes('ActsSince') === true);
  const askedAt = asking.then(() => performance.now());
  await bulk.getByRole('button', { name: 'Change 3,000 flats' }).click();
  await bulk.getByText('0 of 3,000 changed').waitFor();
  const begun = performance.now();
  // How far it is, is asked soon at first; the preview says how fast the machine is.
  expect((await askedAt) - begun).toBeLessThan(1_500 + 2 * previewMs);
  await bulk.getByRole('button', { name: 'Stop' }).click();
  await bulk.getByText('Stopped. Changed so far: 0.').waitFor();
  await page.unroute('**/graphql');
  await bulk.getByRole('button', { name: 'Go on with the rest' }).click();
  await bulk.getByText('Done: 3,000 flats changed of 3,000 flats.').waitFor();
});

itInChromium('rows change in place, and those that no longer match stay until the list is refreshed', async () => {
  await using world = await start({ flats: HOUSES });
  await using person = await personAt(await browser(), world.url);
  const { page } = person;
  await person.open('#/flats?intercom=1&landline=on');
  await page.getByText('19 match').waitFor();
  await world.patch({ intercom_id: 1, flat: 102, is_landline_sip_line_available: false });
  await world.patch({ intercom_id: 1, flat: 103, is_smartphone_sip_line_available: false });
  await page.getByText('No longer matching: 1 flat.').waitFor();
  const row = (flat: number) =>
    page.getByRole('row').filter({ has: page.getByRole('link', { name: `${flat}`, exact: true }) });
  await row(103).getByText('Landline, Handset').waitFor();
  expect(await row(103).getByText('Smartphone').count()).toBe(0);
  expect(await row(102).getAttribute('class')).toBe('gone');
  expect(await person.objections()).toEqual([]);
  await page.getByRole('button', { name: 'Refresh' }).click();
  await page.getByText('18 match').waitFor();
  expect(await row(102).count()).toBe(0);
  expect(person.troubles).toEqual([]);
});

itInChromium('the flats of the list are saved as a file that an import takes', async () => {
  await using world = await start({ flats: HOUSES });
  const token = (await world.bearer('read')).authorization.replace('Bearer ', '');
  await using person = await personAt(await browser(), world.url, { token });
  const { page } = person;
  await person.open('#/flats?intercom=3&from=101&to=102');
  const download = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Export CSV' }).click();
  const saved = await download;
  expect(saved.suggestedFilename()).toBe('flats.csv');
  expect(readFileSync(await saved.path(), 'utf8')).toBe(
    `intercom_id,flat,flat_id,is_smartphone_sip_line_available,is_landline_sip_line_available,is_analog_line_available,keys,users,intercom_title,intercom_external_id,intercom_flat_from,intercom_flat_to
3,101,61,true,false,true,KEY-3-101,resident-3-101,Садовая 11,,101,130
3,102,62,true,true,false,KEY-3-102,resident-3-102,Садовая 11,,101,130
`,
  );
  expect(person.troubles).toEqual([]);
});
