import { expect } from 'vitest';
import { itInChromium, personAt, useBrowser } from '../support/browser.ts';
import { HOUSES } from '../support/houses.ts';
import { TESTER } from '../support/origin.ts';
import { start, type World } from '../support/start.ts';

const browser = useBrowser();

/** A bulk of the smartphones of one house, a single update of one of its flats after it, and an import of a building. */
async function withActs(): Promise<World> {
  const world = await start({ flats: HOUSES });
  const boris = await world.bearer('write', 'boris');
  const anna = await world.bearer('write', 'anna');
  const { data } = await world.gql(
    `mutation { updateIntercomFlatsWhere(input: { filter: { intercomId: 1 }, isSmartphoneSipLineAvailable: false, reason: "month end" }) {
      ... on UpdateIntercomFlatsWhereSuccess { changed } } }`,
    {},
    anna,
  );
  expect(data.updateIntercomFlatsWhere.changed).toBe(29);
  await world.patch({ intercom_id: 1, flat: 102, is_smartphone_sip_line_available: true }, boris);
  const row = (flat: number) => ({ intercomId: 9, intercomTitle: 'New', flat, lines: {} });
  await world.store.importRows(
    TESTER,
    Array.from({ length: 25 }, (_, i) => row(1 + i)),
  );
  return world;
}

const WORDS = {
  'en-GB': {
    history: 'History',
    act: 'What was done',
    flats: '29 flats',
    imported: '25 flats',
    older: 'Show older',
    other: 'building created: #9',
    undo: 'Undo…',
    would: '28 flats would be set back.',
    alone: '1 flat left alone',
    by: /^boris changed flat 102 /,
    confirm: 'Set 28 flats back',
    done: 'Done: 28 flats set back.',
    shown: 'Show in the history',
    again: '28 flats would be set back.',
  },
  'ru-RU': {
    history: 'История',
    act: 'Что сделано',
    flats: '29 квартир',
    imported: '25 квартир',
    older: 'Показать более ранние',
    other: 'дом создан: #9',
    undo: 'Вернуть…',
    would: 'Будет возвращено: 28 квартир.',
    alone: 'Не тронуто, так как линии с тех пор меняли: 1 квартира.',
    by: /^boris: квартира 102, /,
    confirm: 'Вернуть: 28 квартир',
    done: 'Готово, возвращено: 28 квартир.',
    shown: 'Показать в истории',
    again: 'Будет возвращено: 28 квартир.',
  },
} as const;

for (const [locale, words] of Object.entries(WORDS)) {
  itInChromium(
    `the history is one row an act; an act is opened for its flats, and taken back, as is that (${locale})`,
    async () => {
      await using world = await withActs();
      const admin = await world.bearer('admin', 'admin');
      const token = admin.authorization.replace('Bearer ', '');
      await using person = await personAt(await browser(), world.url, { locale, token });
      const { page } = person;
      await person.open('#/history');
      await page.getByRole('heading', { level: 1, name: words.history }).waitFor();
      const rows = page.getByRole('row');
      await expect.poll(() => rows.count()).toBe(4);
      await page.getByRole('link', { name: words.flats, exact: true }).click();
      await page.getByRole('heading', { level: 1, name: words.act }).waitFor();
      await expect.poll(() => rows.count()).toBe(30);
      await page.getByRole('button', { name: words.undo }).click();
      await page.getByText(words.would, { exact: true }).waitFor();
      await page.getByText(words.alone).waitFor();
      await page.getByRole('link', { name: words.by }).waitFor();
      expect(await person.objections()).toEqual([]);
      await page.getByRole('button', { name: words.confirm }).click();
      await page.getByText(words.done).waitFor();

      // The undo is an act, too.
      await page.getByRole('link', { name: words.shown }).click();
      await expect.poll(() => rows.count()).toBe(29);
      await page.getByRole('button', { name: words.undo }).click();
      await page.getByText(words.again, { exact: true }).waitFor();

      await person.open('#/history?channel=IMPORT');
      await page.getByRole('link', { name: words.imported, exact: true }).click();
      const listed = page.getByRole('main').getByRole('listitem');
      await expect.poll(() => listed.count()).toBe(20);
      await page.getByRole('button', { name: words.older }).click();
      await page.getByText(words.other).waitFor();
      expect(await listed.count()).toBe(26);
      // What is new stays.
      expect(await page.getByRole('button', { name: words.undo }).count()).toBe(0);
      expect(await person.objections()).toEqual([]);
      expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
      expect(person.troubles).toEqual([]);
    },
  );
}

itInChromium('who may only read is offered no undo, and a building or a flat has its changes one by one', async () => {
  await using world = await withActs();
  const { authorization } = await world.bearer('read', 'reader');
  await using person = await personAt(await browser(), world.url, { token: authorization.replace('Bearer ', '') });
  const { page } = person;
  await person.open('#/history?actor=anna');
  await page.getByRole('link', { name: '29 flats', exact: true }).click();
  await page.getByRole('heading', { name: 'Changes of lines' }).waitFor();
  expect(await page.getByRole('button', { name: 'Undo…' }).count()).toBe(0);
  await person.open('#/history?intercom=1');
  await expect.poll(() => page.getByRole('row').count()).toBe(31);
  await person.open('#/intercoms/1/102');
  await page.getByRole('link', { name: 'The whole history' }).click();
  await expect.poll(() => page.getByRole('row').count()).toBe(3);
  await person.open('#/history/nothing');
  await page.getByRole('alert').waitFor();
  await person.open(`#/history/${Buffer.from('ChangeSet:0.1').toString('base64url')}`);
  await page.getByText('The history does not have this any more.').waitFor();
  expect(person.troubles).toEqual([]);
});
