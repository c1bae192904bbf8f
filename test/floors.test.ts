import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { expect, it } from 'vitest';

const CONTRACT = ['store/store.ts', 'store/bell.ts'];
/** What threads say to each other. */
const THREADS = 'threads';
const QUEUE = 'store/group-commit.ts';
/** What both dialects do in the same way. */
const SHARED_BY_DIALECTS = [
  'amend',
  'change-set',
  'change-set-walk',
  'columns',
  'commit-size',
  'copy-tables',
  'group-commit',
  'live-tokens',
  'paging',
  'rows',
  'sql-text',
  'thread-calls',
].map((it) => `store/${it}.ts`);
const SHARED_BY_DOORS = [
  ...['json', 'request-head', 'accept-encoding', 'held-copy', 'exchange', 'route'],
  ...['message-exchange', 'message-socket', 'streams'],
].map((it) => `http/exchange/${it}.ts`);

/** What each floor may import beside itself; a main may import everything. */
const MAY_IMPORT: Record<string, readonly string[]> = {
  domain: [],
  texts: ['domain'],
  csv: ['domain'],
  operations: ['domain', ...CONTRACT],
  'store/sqlite': ['domain', THREADS, ...SHARED_BY_DIALECTS, ...CONTRACT],
  [THREADS]: ['domain', 'store/store.ts'],
  'store/postgres': ['domain', THREADS, ...SHARED_BY_DIALECTS, ...CONTRACT],
  'store/thread-calls.ts': ['store/store.ts'],
  'store/copy-tables.ts': ['store/store.ts'],
  'store/live-tokens.ts': ['domain', 'store/store.ts'],
  'store/rows.ts': ['domain'],
  'store/paging.ts': ['domain'],
  'store/columns.ts': ['domain', 'store/sql-text.ts'],
  'store/sql-text.ts': [],
  'store/change-set.ts': [],
  'store/change-set-walk.ts': [],
  'store/store.ts': ['domain', 'store/bell.ts'],
  'store/bell.ts': [],
  [QUEUE]: ['store/lanes.ts', 'store/commit-size.ts', 'store/store.ts'],
  'store/commit-size.ts': [],
  'store/lanes.ts': [],
  'store/amend.ts': ['domain', QUEUE, 'store/change-set.ts', 'store/store.ts'],
  telemetry: ['domain', 'store/store.ts'],
  graphql: ['operations', 'domain', 'texts', 'store/store.ts', ...SHARED_BY_DOORS],
  rest: ['operations', 'domain', 'texts', 'store/store.ts', ...SHARED_BY_DOORS],
  import: ['csv', 'operations', 'domain', 'texts', 'store/store.ts', ...SHARED_BY_DOORS],
  // The page runs in browsers: of the service it knows the rules alone, and the format of files.
  'console/page': ['domain', 'csv'],
  console: ['texts', ...SHARED_BY_DOORS],
  http: ['operations', 'domain', 'texts', 'telemetry', 'store/store.ts'],
  cli: ['service', 'console', 'rest', 'http', 'csv', 'operations', 'domain', 'store/open.ts', 'store/store.ts'],
};

const SRC = new URL('../src/', import.meta.url).pathname;

it('lets every floor import only what lies below it', () => {
  const offences: string[] = [];
  let looked = 0;
  for (const file of readdirSync(SRC, { recursive: true, encoding: 'utf8' }).filter((it) => /\.tsx?$/.test(it))) {
    const floor = Object.keys(MAY_IMPORT).find((it) => file === it || file.startsWith(`${it}/`));
    if (!floor) continue;
    const imports = readFileSync(join(SRC, file), 'utf8').matchAll(/(?:from|import)\s*\(?'(\.[^']+)'/g);
    for (const [, path = ''] of imports) {
      looked++;
      const target = normalize(join(dirname(file), path));
      const allowed = [floor, ...(MAY_IMPORT[floor] ?? [])];
      if (!allowed.some((it) => target === it || target.startsWith(`${it}/`))) offences.push(`${file} -> ${target}`);
    }
  }
  expect(offences).toEqual([]);
  expect(looked).toBeGreaterThan(50);
});

it('keeps technology out of the rules', () => {
  const imports = readdirSync(join(SRC, 'domain'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .flatMap((file) => [...readFileSync(join(SRC, 'domain', file), 'utf8').matchAll(/from '([^.][^']*)'/g)])
    .map(([, name]) => name);
  expect(imports).toEqual([]);
});

it('loads no client of HTTP with the server: nothing imports a value of node:http', () => {
  const importing = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .filter((file) => /^import (?!type )[^;]*? from 'node:http'/m.test(readFileSync(join(SRC, file), 'utf8')));
  expect(importing).toEqual([]);
});
