import { mkdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { actSample, createSampleClock, importSample } from '../../src/cli/demo-sample.ts';
import { launchBrowser, personAt } from '../support/browser.ts';
import { start } from '../support/start.ts';

// The pictures of the README, on the data of the demo.

const FOLDER = fileURLToPath(new URL('../../src/console/screenshots/', import.meta.url));

const PICTURES: readonly {
  readonly name: string;
  readonly place: string;
  readonly colorScheme: 'light' | 'dark';
  readonly prepare: (page: Page) => Promise<void>;
}[] = [
  {
    name: 'overview',
    place: '#/',
    colorScheme: 'light',
    prepare: (page) => page.getByText('The whole history').waitFor(),
  },
  {
    name: 'building',
    place: '#/intercoms/3/117',
    colorScheme: 'dark',
    prepare: (page) => page.getByText('phone lost').waitFor(),
  },
  {
    name: 'bulk',
    place: '#/flats?address=station',
    colorScheme: 'light',
    async prepare(page) {
      await page.getByRole('button', { name: 'Change all that match' }).click();
      const bulk = page.getByRole('region', { name: 'Change lines' });
      await bulk.getByLabel('Landline').selectOption('off');
      await bulk.getByLabel('Handset').selectOption('off');
      await bulk.getByLabel('Why').fill('cables are renewed');
      await bulk.getByRole('button', { name: 'Preview' }).click();
      await bulk.getByRole('button', { name: /^Change \d/ }).waitFor();
    },
  },
  {
    name: 'undo',
    place: '#/history',
    colorScheme: 'light',
    async prepare(page) {
      const row = page.getByRole('row').filter({ hasText: 'contract ended' });
      await row.getByRole('link', { name: /flats$/ }).click();
      await page.getByRole('button', { name: 'Undo…' }).click();
      await page.getByRole('button', { name: /^Set \d/ }).waitFor();
    },
  },
  {
    name: 'import',
    place: '#/import',
    colorScheme: 'light',
    async prepare(page) {
      const rows = [
        'intercom_id,flat,keys,users,intercom_title',
        '13,1,KEY-1,resident900,4 Harbour Lane',
        '13,2,KEY-2,,',
      ];
      const bad = ['13,2,KEY-3,,', '13,x,KEY-4,,', '4,5,1.23E+13,,'];
      await page.locator('input[type=file]').setInputFiles({
        name: 'harbour.csv',
        mimeType: 'text/csv',
        buffer: Buffer.from([...rows, ...bad].join('\n')),
      });
      await page.getByRole('button', { name: 'Import 2 rows' }).waitFor();
    },
  },
];

const clock = createSampleClock();
await using world = await start({ now: clock.now });
await importSample(world.store);
await actSample(world.store, clock);
clock.setHoursAgo(0);
await mkdir(FOLDER, { recursive: true });
const browser = await launchBrowser();
for (const { name, place, colorScheme, prepare } of PICTURES) {
  await using person = await personAt(browser, world.url, { colorScheme, viewport: { width: 1000, height: 720 } });
  await person.open(place);
  await prepare(person.page);
  await person.page.screenshot({ path: `${FOLDER}${name}.png` });
}
await browser.close();
