import { LINE_SPELLINGS, LINES } from '../../src/domain/lines.ts';
import { rows } from '../support/rows.ts';

const columns = LINES.map((line) => LINE_SPELLINGS[line].column);
const all = (compare: (column: string) => string, joint = ' or ') => columns.map(compare).join(joint);

const VISIBLE =
  'not exists (select 1 from hidden_flats h where h.intercom_id = f.intercom_id and f.flat between h.flat_from and h.flat_to)';

/** Queries that find rows which contradict each other. */
const CONTRADICTIONS: Readonly<Record<string, string>> = {
  'a version without its rows in the log':
    'select id from flats f where version - 1 <> (select count(*) from changes c where c.flat_id = f.id)',
  'a state that is not what the log says last': `select f.id from flats f join changes c on c.seq =
    (select max(seq) from changes where flat_id = f.id) where ${all((it) => `f.${it} <> c.after_${it}`)}`,
  'a change that does not follow the one before it': `select seq from (select seq, flat_id, ${columns
    .map((it) => `before_${it}, lag(after_${it}) over (partition by flat_id order by seq) as was_${it}`)
    .join(', ')} from changes) where ${all((it) => `before_${it} <> was_${it}`)}`,
  'a change that changes nothing': `select seq from changes where ${all((it) => `before_${it} = after_${it}`, ' and ')}`,
  'a wrong count of lines': `select lines from line_counts l where flats <> (select count(*) from flats f where f.lines = l.lines and ${VISIBLE})`,
  'a flat outside of the range of its intercom': `select f.id from flats f join intercoms i on i.id = f.intercom_id where f.flat not between i.flat_from and i.flat_to and ${VISIBLE}`,
  'an intercom that is hidden, and none of its flats':
    'select id from intercoms where hidden and id not in (select intercom_id from hidden_flats)',
  'a reference to nothing': 'select * from pragma_foreign_key_check',
};

/** What in a database is damaged, or contradicts itself. */
export function disagreements(file: string): string[] {
  const integrity = rows(file, 'pragma integrity_check') as { integrity_check: string }[];
  const damage = integrity.map((it) => it.integrity_check).filter((it) => it !== 'ok');
  const contradictions = Object.entries(CONTRADICTIONS).flatMap(([what, query]) => {
    const found = rows(file, `${query} limit 3`);
    return found.length > 0 ? [`${what}: ${JSON.stringify(found)}`] : [];
  });
  return [...damage, ...contradictions];
}
