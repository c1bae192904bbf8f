import type { Database } from 'better-sqlite3';
import type { Reads } from '../../store.ts';
import { changeLists } from './change-list.ts';
import { flatFinder, intercomFinder } from './find.ts';
import { flatLists } from './flat-list.ts';
import { flatWalks } from './flat-scan.ts';
import { intercomLists } from './intercom-list.ts';
import { snapshotOf, statements } from './query.ts';
import { relations } from './relations.ts';
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
