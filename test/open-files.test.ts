import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { spawnProgram } from './support/spawn.ts';
import { tempFolder } from './support/temp-folder.ts';

const SERVER = fileURLToPath(new URL('../src/server.ts', import.meta.url));
const WARNING = 'too few open files for MAX_CONNECTIONS: raise LimitNOFILE or ulimit -n, or lower MAX_CONNECTIONS';

it.each([
  [1_000, '5000', [{ level: 40, limit: 1_000, needed: 5_250, msg: WARNING }]],
  [1_000, '750', []],
])(
  'a start that may open %i files and keeps %s connections warns when these are too few',
  async (files, max, lines) => {
    await using folder = await tempFolder();
    await using server = spawnProgram('sh', ['-c', `ulimit -n ${files}; exec "$0" "$@"`, process.execPath, SERVER], {
      env: {
        ...{ PATH: process.env['PATH'] ?? '', PORT: '0', MAX_CONNECTIONS: max },
        ...{ DATABASE_URL: `file:${folder.file('x.db')}`, PARENT_PID: String(process.pid) },
      },
    });
    await server.printed(/"msg":"there is no token/);
    const told = server
      .stdout()
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    const about = told
      .filter(({ msg }) => msg === WARNING)
      .map(({ level, limit, needed, msg }) => ({ level, limit, needed, msg }));
    expect(about).toEqual(lines);
  },
);
