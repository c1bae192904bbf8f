import { chmodSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { parseAddress } from '../../src/store/postgres/server/address.ts';
import { passwordFor } from '../../src/store/postgres/server/password.ts';
import { tempFolder } from '../support/temp-folder.ts';

it('a password file is read as libpq reads it', async () => {
  await using folder = await tempFolder();
  const PGPASSFILE = folder.file('pass');
  writeFileSync(
    PGPASSFILE,
    [
      ...['# h:5432:d:u:comment', 'h:5432:d:u', 'h:5432::u:no database', 'h:5432:d:o\\:ther:escaped\\:\\\\'],
      ...[
        'h:5432:d:u:with:colons',
        'h:5432:d:u:second',
        '\\:\\:1:*:*:*:version 6',
        'localhost:*:*:*:socket',
        '*:6000:*:*:',
      ],
    ].join('\r\n'),
    { mode: 0o600 },
  );
  const of = (url: string) => {
    const address = parseAddress(url, { PGPASSFILE });
    if (typeof address === 'string') throw new Error(address);
    return address.hosts.map((it) => passwordFor(address, it));
  };
  expect(of('postgres://u@h,[::1]:7,other/d')).toEqual(['with:colons', 'version 6', undefined]);
  expect(of('postgres://o%3Ather@h/d')).toEqual(['escaped:\\']);
  expect(of('postgres://u@/d?host=/run/postgresql')).toEqual(['socket']);
  expect(of('postgres://u@x:6000/d')).toEqual([undefined]);
  chmodSync(PGPASSFILE, 0o640);
  expect(of('postgres://u@h/d')).toEqual([undefined]);
});
