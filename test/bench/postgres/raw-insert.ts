// The limit of an import on PostgreSQL: a whole process that inserts the same intercoms and flats, 1,000 in each transaction,
// by two statements. No file is read, nothing is looked up and nothing is judged. Arguments: URL, first flat, flats.
import { placeOf, titleOf } from '../database.ts';
import { openPool } from './raw-update.ts';

const ROWS = 1_000;
const [, , url = '', first = '', flats = ''] = process.argv;
const pool = openPool(url);
const client = await pool.connect();
const last = Number(first) + Number(flats) - 1;
for (let id = Number(first); id <= last; id += ROWS) {
  const ids = Array.from({ length: Math.min(ROWS, last - id + 1) }, (_, i) => id + i);
  const places = ids.map(placeOf);
  const intercoms = [...new Set(places.map((it) => it.intercomId))];
  await client.query('begin');
  await client.query({
    name: 'intercoms',
    text: `insert into intercoms (id, title, title_folded) select id, title, lower(title) from unnest($1::bigint[], $2::text[]) as given(id, title)`,
    values: [intercoms, intercoms.map(titleOf)],
  });
  await client.query({
    name: 'flats',
    text: `insert into flats (id, intercom_id, flat, smartphone_sip, landline_sip, analog, version, updated_at)
      select id, intercom_id, flat, true, true, true, 1, $4::bigint from unnest($1::bigint[], $2::bigint[], $3::int[]) as given(id, intercom_id, flat)`,
    values: [ids, places.map((it) => it.intercomId), places.map((it) => it.flat), Date.now()],
  });
  await client.query('commit');
}
client.release();
await pool.end();
