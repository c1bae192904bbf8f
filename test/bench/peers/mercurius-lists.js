// Mercurius with its own loaders, on the same file.
import { client } from './database.js';
import { serveLists } from './lists.js';

const page = client.prepare(
  `select id, flat, intercom_id, version, smartphone_sip, landline_sip, analog
   from flats where flat = ? order by intercom_id limit ?`,
);
const inIds = (sql) => {
  const statement = client.prepare(sql);
  return (ids) => statement.all(JSON.stringify(ids));
};
await serveLists({
  page: (flat, limit) => page.all(flat, limit),
  intercoms: inIds('select id, title from intercoms where id in (select value from json_each(?))'),
  keyCounts: inIds(
    'select flat_id id, count(*) n from keys where flat_id in (select value from json_each(?)) group by flat_id',
  ),
  usersCounts: inIds(
    'select flat_id id, count(*) n from flat_users where flat_id in (select value from json_each(?)) group by flat_id',
  ),
});
