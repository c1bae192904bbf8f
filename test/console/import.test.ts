import { readFileSync } from 'node:fs';
import { expect } from 'vitest';
import { itInChromium, personAt, useBrowser } from '../support/browser.ts';
import { HOUSES } from '../support/houses.ts';
import { start } from '../support/start.ts';

const browser = useBrowser();

const file = (content: string, name = 'flats.csv') => ({ name, mimeType: 'text/csv', buffer: Buffer.from(content) });

const FILE = file(
  'intercom_id,flat,is_landline_sip_line_available,keys,intercom_title\n1,117,true,,\n1,x,,,\n9,1,,NEW-1,Новая 9\n1,117,,,\n',
);

for (const [locale, words] of [
  [
    'en-GB',
    [
      'Import',
      'Import 2 rows',
      'Bad rows: 2',
      'stands already in an earlier row',
      'Save bad.csv',
      'is imported:',
      'Undo…',
      'Set 1 flat back',
      'Not taken back: 2 other changes (new flats, buildings, keys, users).',
    ],
  ],
  [
    'ru-RU',
    [
      'Импорт',
      'Импортировать 2 строки',
      'Плохих строк: 2',
      'уже есть в строке выше',
      'Сохранить bad.csv',
      'импортирован:',
      'Вернуть…',
      'Вернуть: 1 квартира',
      'Не возвращается: 2 других изменения (новые квартиры, дома, ключи, жильцы).',
    ],
  ],
] as const) {
  itInChromium(`a file is checked, its bad rows are saved, and then it is imported (${locale})`, async () => {
    await using world = await start({ flats: HOUSES });
    await using person = await personAt(await browser(), world.url, { locale });
    const { page } = person;
    const [title, run, bad, reason, save, done, undo, confirm, stays] = words;
    await person.open();
    await page.getByRole('link', { name: title, exact: true }).click();
    await page.getByRole('heading', { level: 1, name: title }).waitFor();
    await page.locator('input[type=file]').setInputFiles(FILE);
    await page.getByRole('heading', { name: bad }).waitFor();
    await page.getByRole('cell', { name: reason }).waitFor();
    expect(await world.store.changesHead()).toBe(0);
    expect(await person.objections()).toEqual([]);
    const download = page.waitForEvent('download');
    await page.getByRole('button', { name: save }).click();
    const saved = await download;
    expect(saved.suggestedFilename()).toBe('bad.csv');
    expect(readFileSync(await saved.path(), 'utf8')).toBe(
      'line,column,reason\n3,flat,"must be a whole number from 1 to 2147483647"\n5,flat,"stands already in an earlier row"\n',
    );
    await page.getByRole('button', { name: run }).click();
    await page.getByText(done).waitFor();
    expect((await world.store.findIntercom({ by: 'id', intercomId: 9 }))?.title).toBe('Новая 9');
    const isOn = async () =>
      (await world.store.findFlat({ by: 'number', intercomId: 1, flat: 117 }))?.lines.landlineSip;
    expect(await isOn()).toBe(true);
    await page.getByRole('button', { name: undo }).click();
    await page.getByText(stays).waitFor();
    await page.getByLabel(/\b1$/).fill('1');
    await page.getByRole('button', { name: confirm }).click();
    await expect.poll(isOn).toBe(false);
    expect(person.troubles).toEqual([]);
  });
}

itInChromium(
  'a file that is no CSV of flats is refused in the words of the service; one of new flats has no undo; a reader may not import',
  async () => {
    await using world = await start({ flats: HOUSES });
    await using person = await personAt(await browser(), world.url);
    const { page } = person;
    await person.open('#/import');
    await page.locator('input[type=file]').setInputFiles(file('a,b\n1,2\n'));
    await page.getByRole('alert').filter({ hasText: 'Required columns: intercom_id, flat.' }).waitFor();
    // What is new is not taken back.
    await page.locator('input[type=file]').setInputFiles(file('intercom_id,flat\n9,2\n'));
    const acts = page.waitForResponse((it) => it.request().postData()?.includes('ActsSince') === true);
    await page.getByRole('button', { name: 'Import 1 row' }).click();
    await page.getByText('is imported:').waitFor();
    await (await acts).finished();
    expect(await page.getByRole('button', { name: 'Undo…' }).count()).toBe(0);
    const { authorization } = await world.bearer('write');
    await using other = await personAt(await browser(), world.url, { token: authorization.replace('Bearer ', '') });
    await other.open('#/import');
    await other.page.getByText('needs a token of the scope admin').waitFor();
    expect(await other.page.getByRole('link', { name: 'Import' }).count()).toBe(0);
  },
);

itInChromium('a long import shows its progress, and stops half-way when it is told to', async () => {
  await using world = await start({ flats: HOUSES });
  await using person = await personAt(await browser(), world.url);
  const { page } = person;
  // The second half waits until the person has stopped the import.
  const { importRows } = world.store;
  const { promise: isStopped, resolve: stopped } = Promise.withResolvers<void>();
  let imported = 0;
  Object.assign(world.store, {
    async importRows(...args: Parameters<typeof importRows>) {
      imported += args[1].length;
      if (imported > 30_000) await isStopped;
      return importRows(...args);
    },
  });
  await person.open('#/import');
  const rows = Array.from({ length: 60_000 }, (_, i) => `${100 + Math.floor(i / 100)},${1 + (i % 100)}\n`);
  await page.locator('input[type=file]').setInputFiles(file(`intercom_id,flat\n${rows.join('')}`));
  await page.getByRole('button', { name: 'Import 60,000 rows' }).click();
  await page.getByText(/is being imported… [1-9]/).waitFor();
  await page.getByRole('button', { name: 'Stop' }).click();
  await page.getByText('was stopped.').waitFor();
  stopped();
  await expect.poll(() => world.told.some((it) => it.includes('"stoppedBy":"LEFT"'))).toBe(true);
  const { count } = await world.store.countFlats({ lines: {} });
  expect(count).toBeGreaterThan(90);
  expect(count).toBeLessThan(60_090);
  await page.getByRole('button', { name: 'Check again' }).click();
  await page.getByRole('button', { name: 'Import 60,000 rows' }).waitFor();
  expect(person.troubles).toEqual([]);
});
