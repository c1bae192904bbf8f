import type { Database } from 'better-sqlite3';
import type { Reads } from '../../store.ts';
import { createChangeLists } from './change-list.ts';
import { createFlatFinder, createIntercomFinder } from './find.ts';
import { createFlatLists } from './flat-list.ts';
import { createFlatScan } from './flat-scan.ts';
import { createIntercomLists } from './intercom-list.ts';
import { createSnapshot, createStatements } from './query.ts';
import { createRelations } from './relations.ts';
import { createStatistics } from './statistics.ts';

export type SqliteReads = Omit<Reads, 'epoch' | 'bell'>;

/** All reads of flats, intercoms and changes, as one connection sees them. */
export function createReads(client: Database): SqliteReads {
  const shared = createStatements(client);
  const findFlat = createFlatFinder(client);
  const findIntercom = createIntercomFinder(client);
  return {
    async findFlat(ref) {
      const found = findFlat(ref);
      return found.kind === 'flat' ? found.flat : undefined;
    },
    findIntercom: async (ref) => findIntercom(ref),
    ...createFlatLists(shared),
    ...createFlatScan(shared),
    ...createIntercomLists(shared),
    ...createChangeLists(shared, createSnapshot(client)),
    ...createRelations(shared),
    ...createStatistics(shared),
  };
}
