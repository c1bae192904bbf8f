import type { Database } from 'better-sqlite3';
import type { Reads } from '../store.ts';
import { changeLists } from './change-list.ts';
import { flatLists } from './flat-list.ts';
import { flatWalks } from './flat-walk.ts';
import { flatFinder } from './flats.ts';
import { intercomLists } from './intercom-list.ts';
import { intercomFinder } from './intercoms.ts';
import { relations } from './relations.ts';
import { snapshotOf } from './snapshot.ts';
import { statements } from './statements.ts';
import { statistics } from './statistics.ts';

export type SqliteReads = Omit<Reads, 'epoch' | 'bell'>;

/** Everything that is read of flats, intercoms and changes, as a connection sees it. */
export function sqliteReads(client: Database): SqliteReads {
  const shared = statements(client);
  const findFlat = flatFinder(client);
  const findIntercom = intercomFinder(client);
  return {
    async findFlat(ref) {
      const found = findFlat(ref);
      return found.kind === 'flat' ? found.flat : undefined;
    },
    findIntercom: async (ref) => findIntercom(ref),
    ...flatLists(shared),
    ...flatWalks(shared),
    ...intercomLists(shared),
    ...changeLists(shared, snapshotOf(client)),
    ...relations(shared),
    ...statistics(shared),
  };
}
