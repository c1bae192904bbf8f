// The database of `npm run bench:beside`: a million flats that no filter narrows as one would expect, with a change log.
import Sqlite from 'better-sqlite3';
import { fillHostile } from '../../store/hostile-database.ts';
import { FLATS_PER_INTERCOM } from '../database.ts';
import { type Checkout, runCommand } from './checkout.ts';

/** The actor of the changes that are there from the start. */
export const OLD_ACTOR = 'history';
/** Changes that are old enough to be pruned. */
const OLD_CHANGES = 1_000_000;
const OLD_AGE_MS = 400 * 24 * 3_600_000;

/** Tokens: rates and turns are taken by the token, so single updates and heavy callers have one each. */
export interface Tokens {
  readonly billing: string;
  readonly heavy: string;
}

/** Makes the database by the code of a checkout, which may be older than this one, and fills it. */
export async function createBesideDatabase(checkout: Checkout, file: string, flats: number): Promise<Tokens> {
  const create = async (name: string, scope: string): Promise<string> => {
    const { stdout } = await runCommand(checkout, file, 'token', ['create', name, '--scope', scope, '--json']);
    return JSON.parse(stdout).token;
  };
  const tokens = { billing: await create('billing', 'write'), heavy: await create('heavy', 'admin') };
  fillHostile(file, { intercoms: flats / FLATS_PER_INTERCOM, flats: FLATS_PER_INTERCOM });
  addOldChanges(file, flats);
  return tokens;
}

function addOldChanges(file: string, flats: number): void {
  const client = new Sqlite(file);
  client.pragma('synchronous = OFF');
  client.exec(`
    with recursive n(i) as (select 0 union all select i + 1 from n where i < ${OLD_CHANGES - 1})
    insert into changes (changed_at, actor, channel, reason, flat_id, intercom_id, flat, before_smartphone_sip,
        before_landline_sip, before_analog, after_smartphone_sip, after_landline_sip, after_analog)
      select ${Date.now() - OLD_AGE_MS} + i, iif(i % 4 = 0, 'somebody', '${OLD_ACTOR}'), 'GRAPHQL', 'notice ' || i,
        1 + i % ${flats}, 1 + i % ${flats} / ${FLATS_PER_INTERCOM}, 1 + i % ${FLATS_PER_INTERCOM}, 1, 1, 1, 0, 1, 1 from n`);
  client.pragma('wal_checkpoint(truncate)');
  client.close();
}

/** The lines of the flat with a record id, as `fillHostile` sets them. */
export const isAnalogAt = (id: number): boolean => (id - 1) % 3 > 0;
export const isLandlineAt = (id: number): boolean => (id - 1) % 2 > 0;
