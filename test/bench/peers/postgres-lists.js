// Mercurius with its own loaders on PostgreSQL, by a pool of its own.
import { openPool } from '../postgres/raw-update.ts';
import { serveLists } from './lists.js';

const pool = openPool(process.argv[2]);
const prepared =
  (name, text) =>
  async (...values) =>
    (await pool.query({ name, text, values })).rows;
await serveLists({
  page: prepared(
    'page',
    `select id, flat, intercom_id, version, smartphone_sip::int, landline_sip::int, analog::int
     from flats where flat = $1 order by intercom_id limit $2`,
  ),
  intercoms: prepared('intercoms', 'select id, title from intercoms where id = any($1)'),
  keyCounts: prepared('keys', 'select flat_id id, count(*) n from keys where flat_id = any($1) group by flat_id'),
  usersCounts: prepared(
    'users',
    'select flat_id id, count(*) n from flat_users where flat_id = any($1) group by flat_id',
  ),
});
