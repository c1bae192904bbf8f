import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import { itNeeds } from './support/it-needs.ts';
import { tempFolder } from './support/temp-folder.ts';

const REPO = fileURLToPath(new URL('..', import.meta.url)).replace(/\/$/, '');

itNeeds('systemd-analyze', 'systemd')(
  'the unit of the README is one that systemd takes, and well shut off',
  async () => {
    await using folder = await tempFolder();
    const readme = readFileSync(`${REPO}/README.md`, 'utf8');
    const [, unit = ''] = /```ini\n(\[Unit\][\s\S]+?)```/.exec(readme) ?? [];
    const file = folder.file('intercom-flats.service');
    // Its user is made by hand, and the project lies elsewhere here.
    await writeFile(file, unit.replaceAll('/opt/intercom-flats', REPO).replace(/^(User|Group)=.*\n/gm, ''));
    const verified = spawnSync('systemd-analyze', ['verify', '--man=no', file], { encoding: 'utf8' });
    expect([verified.status, verified.stdout, verified.stderr]).toEqual([0, '', '']);
    await writeFile(file, unit);
    const judged = spawnSync('systemd-analyze', ['security', '--offline=true', '--threshold=20', '--no-pager', file]);
    expect(judged.status).toBe(0);
  },
);
