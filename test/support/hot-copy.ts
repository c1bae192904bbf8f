import { copyFileSync } from 'node:fs';
import { connect } from '../../src/store/sqlite/file/connect.ts';
import { placeFlats } from '../bench/database.ts';

/** A database of so many flats as a kill -9 leaves it: with commits in the log beside it that are not in the file yet. */
export async function hotDatabase(file: string, flats: number): Promise<void> {
  const living = `${file}-living`;
  await placeFlats(living, 1, flats);
  const client = connect(living);
  client.exec("update intercoms set title = 'Only in the log' where id = 1");
  for (const suffix of ['', '-wal']) copyFileSync(living + suffix, file + suffix);
  client.close();
}
