import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const README = readFileSync(fileURLToPath(new URL('../../src/store/postgres/README.md', import.meta.url)), 'utf8');
const BLOCKS = [...README.matchAll(/^```bash\n([\s\S]*?)^```$/gm)].map(([, text = '']) => text);
const NAMES = ['first', 'second', 'upstream', 'promote', 'patroni', 'takeOut', 'putBack', 'backup', 'restore'] as const;
if (BLOCKS.length !== NAMES.length)
  throw new Error(`the page has ${BLOCKS.length} blocks of commands, not ${NAMES.length}`);

/** The commands of the example cluster, as its page has them; each is run by a test or by the drill. */
export const CLUSTER_COMMANDS = Object.fromEntries(NAMES.map((name, index) => [name, BLOCKS[index]])) as Readonly<
  Record<(typeof NAMES)[number], string>
>;
