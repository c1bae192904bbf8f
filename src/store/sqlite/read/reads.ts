import type { Reads } from '../../store.ts';
import { createChangeLists } from './change-list.ts';
import { createChangeSetReads } from './change-sets.ts';
import { createReadFinders } from './find.ts';
import { createFlatLists } from './flat-list.ts';
import { createFlatScan } from './flat-scan.ts';
import { createIntercomLists } from './intercom-list.ts';
import type { ReadLimits } from './limits.ts';
import type { Reader } from './query.ts';
import { createRelations } from './relations.ts';
import { createStatistics } from './statistics.ts';

/** All reads of flats, intercoms and changes. */
export const createReads = (reader: Reader, limits?: ReadLimits): Omit<Reads, 'epoch' | 'bell'> => ({
  ...createReadFinders(reader),
  ...createFlatLists(reader, limits),
  ...createFlatScan(reader),
  ...createIntercomLists(reader, limits),
  ...createChangeLists(reader),
  ...createChangeSetReads(reader),
  ...createRelations(reader),
  ...createStatistics(reader),
});
