import { expect } from 'vitest';
import { itInChromium, type Person, personAt, useBrowser } from '../support/browser.ts';
import { cutLineTo } from '../support/cut-line.ts';
import { HOUSES } from '../support/houses.ts';
import { start, type World } from '../support/start.ts';

const browser = useBrowser();

async function atBuilding(world: Pick<World, 'url'>, place = '#/intercoms/1'): Promise<Person> {
  const person = await personAt(await browser(), world.url);
  await person.open(place);
  await person.page.getByText('live').waitFor();
  return person;
}

const set = (world: World, flat: number, more: object, intercom = 1) =>
  world.patch({ intercom_id: intercom, flat, ...more });

const linesOf = async (world: World, flat: number) => {
  const { data } = await world.gql(
    `{ intercomFlat(by: { number: { intercomId: 1, flat: ${flat} } }) {
      version properties { isSmartphoneSipLineAvailable isLandlineSipLineAvailable isAnalogLineAvailable }
      changes(last: 1) { nodes { reason } } } }`,
  );
  const { version, properties, changes } = data.intercomFlat;
  return [version, Object.values(properties), changes.nodes[0]?.reason];
};

itInChromium('is walked and changed by keyboard alone, and the change is taken back', async () => {
  await using world = await start({ flats: HOUSES });
  await using person = await atBuilding(world);
  const { page } = person;
  const focused = () => page.evaluate('document.activeElement?.dataset.flat');
  await page.getByRole('link', { name: 'Flat 101:' }).focus();
  await page.keyboard.press('ArrowRight');
  expect(await focused()).toBe('102');
  await page.keyboard.press('ArrowDown');
  const below = Number(await focused());
  expect(below).toBeGreaterThan(103);
  await page.keyboard.press('ArrowUp');
  await page.keyboard.press('End');
  expect(await focused()).toBe('130');
  await page.keyboard.press('Home');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'Flat 101 version 1' }).waitFor();
  await page.getByText('resident-1-101').waitFor();

  await page.keyboard.press('1');
  await page.keyboard.press('3');
  await page.getByText('Nothing would ring in this flat.').waitFor();
  await page.keyboard.press('3');
  await page.getByLabel('Why').fill('moved out');
  await page.keyboard.press('Control+Enter');
  await page.getByText('Saved.').waitFor();
  expect(await linesOf(world, 101)).toEqual([2, [false, false, true], 'moved out']);
  await page.getByRole('link', { name: 'Flat 101: Handset' }).waitFor();

  await page.getByRole('button', { name: 'Undo' }).click();
  await page.getByText('Undone.').waitFor();
  expect(await linesOf(world, 101)).toEqual([3, [true, false, true], 'undone in the console']);
  await page.keyboard.press('Escape');
  await expect.poll(focused).toBe('101');
  expect(person.troubles).toEqual([]);
});

itInChromium('single keys are named in a list, and can be turned off', async () => {
  await using world = await start({ flats: HOUSES });
  await using person = await atBuilding(world, '#/intercoms/1/102');
  const { page } = person;
  const smartphone = page.getByRole('checkbox', { name: 'Smartphone' });
  await page.keyboard.press('1');
  await expect.poll(() => smartphone.isChecked()).toBe(false);
  await page.keyboard.press('1');
  await expect.poll(() => smartphone.isChecked()).toBe(true);
  await page.keyboard.press('?');
  await page.getByText('through the flats of a building').waitFor();
  expect(await person.objections()).toEqual([]);
  await page.getByLabel('Single keys').uncheck();
  await page.reload();
  await page.getByRole('heading', { name: 'Flat 102' }).waitFor();
  for (const key of ['1', '2', '/', '?']) await page.keyboard.press(key);
  expect(await smartphone.isChecked()).toBe(true);
  expect(await page.evaluate('document.activeElement.tagName')).not.toBe('INPUT');
});

itInChromium('an unsaved draft is left only after a question, and is not saved from a dialog over it', async () => {
  await using world = await start({ flats: HOUSES });
  await using person = await atBuilding(world, '#/intercoms/1/102');
  const { page } = person;
  const asked: string[] = [];
  let leaves = false;
  page.on('dialog', async (it) => {
    asked.push(it.type());
    await (leaves ? it.accept() : it.dismiss());
  });
  const smartphone = page.getByRole('checkbox', { name: 'Smartphone' });
  await page.keyboard.press('1');
  await page.keyboard.press('Escape');
  await expect.poll(() => asked).toEqual(['confirm']);
  await page.getByRole('link', { name: 'Flat 105:' }).click();
  await expect.poll(() => asked).toEqual(['confirm', 'confirm']);
  await page.evaluate('void setTimeout(() => location.reload())');
  await expect.poll(() => asked).toEqual(['confirm', 'confirm', 'beforeunload']);

  await page.getByRole('button', { name: 'Русский' }).click();
  await page.getByRole('button', { name: 'English' }).click();
  await page.keyboard.press('?');
  await page.getByText('through the flats of a building').waitFor();
  await page.keyboard.press('Escape');
  await page.getByText('through the flats of a building').waitFor({ state: 'hidden' });
  await page.getByRole('button', { name: 'Edit building' }).click();
  // The heading takes no focus, so the key is not pressed in the dialog.
  await page.getByRole('dialog').getByRole('heading').click();
  await page.keyboard.press('Control+Enter');
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  expect(page.url()).toBe(`${world.url}/console/#/intercoms/1/102`);
  expect(await smartphone.isChecked()).toBe(false);
  expect(await linesOf(world, 102)).toEqual([1, [true, true, false], undefined]);
  expect(asked.length).toBe(3);

  leaves = true;
  await page.keyboard.press('Escape');
  await smartphone.waitFor({ state: 'detached' });
  expect(asked.length).toBe(4);
  expect(person.troubles).toEqual([]);
});

itInChromium('shows at once what another changes, and says so to who edits the same flat', async () => {
  await using world = await start({ flats: HOUSES });
  await using person = await atBuilding(world, '#/intercoms/1/102');
  const { page } = person;
  await set(world, 105, { is_smartphone_sip_line_available: false });
  await page.getByRole('link', { name: 'Flat 105: Landline, Handset' }).waitFor();

  const sent: string[] = [];
  page.on('request', (it) => void (it.postData()?.includes('mutation') && sent.push(it.url())));
  await page.getByRole('checkbox', { name: 'Smartphone' }).uncheck();
  await set(world, 102, { is_landline_sip_line_available: false });
  const warning = page.getByRole('alert');
  await warning.getByText('local has changed this flat meanwhile').waitFor();
  await warning.getByText('Smartphone', { exact: true }).waitFor();
  expect(await page.getByRole('button', { name: 'Save' }).isDisabled()).toBe(true);
  expect(await page.getByRole('checkbox', { name: 'Smartphone' }).isChecked()).toBe(false);
  await page.keyboard.press('Control+Enter');
  expect(sent).toEqual([]);

  await warning.getByRole('button', { name: 'Take theirs' }).click();
  expect(await page.getByRole('checkbox', { name: 'Smartphone' }).isChecked()).toBe(true);
  await page.getByRole('checkbox', { name: 'Handset' }).check();
  await set(world, 102, { is_smartphone_sip_line_available: false });
  await warning.getByRole('button', { name: 'Set mine all the same' }).click();
  await page.getByText('Saved.').waitFor();
  expect(await linesOf(world, 102)).toEqual([4, [true, false, true], null]);
});

itInChromium('a hidden tab holds no stream, and misses nothing', async () => {
  await using world = await start({ flats: HOUSES });
  await using person = await atBuilding(world);
  const { page } = person;
  const hide = (isHidden: boolean) =>
    page.evaluate(
      `Object.defineProperty(document, 'hidden', { value: ${isHidden}, configurable: true }), document.dispatchEvent(new Event('visibilitychange')), 0`,
    );
  const streams = () => world.requests.filter((it) => it.includes('"stream":true')).length;
  await hide(true);
  await page.getByText('asleep').waitFor();
  await expect.poll(streams).toBe(1);
  for (const flat of [105, 106, 107]) await set(world, flat, { is_smartphone_sip_line_available: false });
  await hide(false);
  await page.getByText('live').waitFor();
  for (const name of ['Flat 105: Landline, Handset', 'Flat 106: Landline', 'Flat 107: Handset']) {
    await page.getByRole('link', { name, exact: true }).waitFor();
  }
});

itInChromium(
  'while the service is away the data and the draft stay, and what was missed is shown afterwards',
  async () => {
    await using world = await start({ flats: HOUSES });
    await using line = await cutLineTo(world.url);
    await using person = await atBuilding(line, '#/intercoms/1/102');
    const { page } = person;
    await line.cut();
    await page.getByText('reconnecting').waitFor();
    await page.getByRole('checkbox', { name: 'Smartphone' }).uncheck();
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('alert').getByText('No connection to the service.').waitFor();
    expect(await person.objections()).toEqual([]);
    for (const flat of [105, 106]) await set(world, flat, { is_smartphone_sip_line_available: false });
    await line.mend();
    await page.getByRole('link', { name: 'Flat 105: Landline, Handset' }).waitFor();
    await page.getByRole('link', { name: 'Flat 106: Landline', exact: true }).waitFor();
    await page.getByText('live').waitFor();
    expect(await page.getByRole('checkbox', { name: 'Smartphone' }).isChecked()).toBe(false);
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Saved.').waitFor();
    expect(await linesOf(world, 102)).toEqual([2, [false, true, false], null]);
  },
);

itInChromium('says what does not exist, and keeps to its own numbers', async () => {
  await using world = await start({ flats: HOUSES });
  await using person = await atBuilding(world, '#/intercoms/1/999');
  await person.page.getByText('There is no such flat in this building.').waitFor();
  await person.open('#/intercoms/77');
  await person.page.getByText('This building does not exist any more.').waitFor();
});
