import type { Reads, TokenReads, Writes } from './store.ts';

/** The reads of a thread. */
export type ThreadReads = Omit<Reads, 'epoch' | 'bell'> & TokenReads;

export type Method = (...args: readonly unknown[]) => Promise<unknown>;

/** Methods of these names, each of which runs what `run` gives for its name. */
export const methodsOf = <T>(
  names: readonly (keyof T & string)[],
  run: (name: never) => (args: readonly unknown[]) => unknown,
) =>
  Object.fromEntries(
    names.map((name) => {
      const method = run(name as never);
      return [name, (...args: readonly unknown[]) => method(args)];
    }),
  ) as T;

/** What another thread calls by a port. */
export const WRITES = [
  'amend',
  'importRows',
  'addIntercom',
  'amendIntercom',
  'changeLinks',
  'prune',
  'addToken',
  'revokeToken',
  'recordTokenUse',
] as const satisfies readonly (keyof Writes)[];

export const READS = [
  'findFlat',
  'findIntercom',
  'listFlats',
  'countFlats',
  'scanFlats',
  'listIntercoms',
  'countIntercoms',
  'listChanges',
  'countChanges',
  'listChangeSets',
  'countChangeSets',
  'scanChangeSet',
  'flatsById',
  'intercomsById',
  'keysOf',
  'usersOf',
  'changesBySeq',
  'namesFrom',
  'changeVersions',
  'changeSetSizes',
  'countFlatsOfSet',
  'linkedNames',
  'lastFlatId',
  'flatCounts',
  'lineStatistics',
  'lineStatisticsOf',
  'silentIntercoms',
  'changesHead',
  'findToken',
  'listTokens',
  'hasToken',
  'liveTokenIds',
] as const satisfies readonly (keyof ThreadReads)[];
