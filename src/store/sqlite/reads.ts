import type { Database } from 'better-sqlite3';
import type { Reads } from '../store.ts';
import { changeLists } from './change-list.ts';
import { flatLists } from './flat-list.ts';
import { flatWalks } from './flat-walk.ts';
import { intercomLists } from './intercom-list.ts';
import { relations } from './relations.ts';
import { snapshotOf } from './snapshot.ts';
import { statements } from './statements.ts';
import { statistics } from './statistics.ts';

/** Everything that is read in lists, by relation or in sums. */
export function sqliteReads(client: Database): Omit<Reads, 'findFlat' | 'findIntercom' | 'epoch' | 'bell'> {
  const shared = statements(client);
  return {
    ...flatLists(shared),
    ...flatWalks(shared),
    ...intercomLists(shared),
    ...changeLists(shared, snapshotOf(client)),
    ...relations(shared),
    ...statistics(shared),
  };
}
