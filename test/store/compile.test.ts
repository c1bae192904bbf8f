import { expect, it } from 'vitest';
import { compile, placeholders } from '../../src/store/sqlite/compile.ts';
import { drizzle } from '../../src/store/sqlite/drizzle.ts';
import { connect } from '../../src/store/sqlite/file/connect.ts';
import { lineCounts } from '../../src/store/sqlite/tables.ts';
import { tempFolder } from '../support/temp-folder.ts';

it('refuses to make a statement whose values would land in other columns than they are meant for', async () => {
  await using folder = await tempFolder();
  const client = connect(folder.file('flats.db'));
  const query = drizzle(client)
    .insert(lineCounts)
    .values(placeholders(['lines', 'flats']));
  expect(() => compile(client, query, ['flats', 'lines'])).toThrow('the values of this statement come as lines,flats');
  expect(compile(client, query, ['lines', 'flats']).run(99, 4)).toEqual({ changes: 1, lastInsertRowid: 99 });
  expect(client.prepare('select flats from line_counts where lines = 99').get()).toEqual({ flats: 4 });
  client.close();
});
