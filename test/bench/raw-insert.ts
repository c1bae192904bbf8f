// The limit of an import: a whole process that makes the same database and inserts the same intercoms and flats, 1,000
// in each commit, by two prepared statements. No file is read, nothing is looked up and nothing is judged.
import { connect } from '../../src/store/sqlite/file/connect.ts';
import { FLATS_PER_INTERCOM, placeOf, titleOf } from './database.ts';

const [, , file = '', flats = ''] = process.argv;
const client = connect(file);
const insertIntercom = client.prepare('insert into intercoms (id, title) values (?, ?)');
const insertFlat = client.prepare(
  `insert into flats (intercom_id, flat, smartphone_sip, landline_sip, analog, version, updated_at)
   values (?, ?, 1, 1, 1, 1, ?)`,
);

const insertThousand = client.transaction((first: number, last: number) => {
  const now = Date.now();
  for (let id = first; id <= last; id++) {
    const { intercomId, flat } = placeOf(id);
    if (flat === 1) insertIntercom.run(intercomId, titleOf(intercomId));
    insertFlat.run(intercomId, flat, now);
  }
});
for (let first = 1; first <= Number(flats); first += 10 * FLATS_PER_INTERCOM) {
  insertThousand.immediate(first, Math.min(first + 999, Number(flats)));
}
client.close();
