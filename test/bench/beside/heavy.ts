import type { CallName } from './calls.ts';
import type { CommandName } from './commands.ts';

/** What goes on beside the single updates. */
export interface Heavy {
  /** For `--only`. */
  readonly key: string;
  readonly title: string;
  /** For the p99 of single updates, in milliseconds. */
  readonly targetMs?: number;
  /** A caller for each. */
  readonly calls?: readonly CallName[];
  /** A process of its own. */
  readonly command?: CommandName;
}

const times = (count: number, name: CallName): readonly CallName[] => Array(count).fill(name);

/** Prune comes last: it takes away what changes are read from. */
export const HEAVY: readonly Heavy[] = [
  { key: 'alone', title: 'alone' },
  { key: 'bulk', title: '4 x updateIntercomFlats of 1,000', targetMs: 25, calls: times(4, 'bulk') },
  { key: 'atomic', title: 'updateIntercomFlats of 1,000, atomic', targetMs: 50, calls: ['atomic'] },
  { key: 'title', title: '2 x title, by update', targetMs: 20, calls: times(2, 'title') },
  { key: 'numbers', title: '2 x number range, totalCount', targetMs: 20, calls: times(2, 'numbers') },
  { key: 'login', title: '2 x userLoginPrefix, totalCount', targetMs: 20, calls: times(2, 'login') },
  { key: 'key', title: 'keyCode of all, by update', targetMs: 20, calls: ['key'] },
  { key: 'changed', title: 'changedSince of all', targetMs: 20, calls: ['changed'] },
  { key: 'changes', title: 'changes by actor, totalCount', targetMs: 20, calls: ['changes'] },
  { key: 'statistics', title: 'lineStatistics', targetMs: 20, calls: ['statistics'] },
  { key: 'pages', title: '2 x pages of 500, all texts', targetMs: 20, calls: times(2, 'pages') },
  { key: 'create', title: 'createIntercom of 10,000, deleteIntercom', targetMs: 30, calls: ['create'] },
  {
    key: 'hostile',
    title: '8 hostile readers of one token',
    targetMs: 30,
    calls: ['keyAndUser', 'keyAndPrefix', 'numbersOfNone', 'linesAndKey', 'login', 'title', 'changes', 'pages'],
  },
  { key: 'import', title: 'import of 100,000 rows (rows)', targetMs: 30, command: 'import' },
  { key: 'prune', title: 'prune (rows)', targetMs: 30, command: 'prune' },
];
