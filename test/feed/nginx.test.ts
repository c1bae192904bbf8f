import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import { itNeeds } from '../support/it-needs.ts';
import { subscribe, take } from '../support/sse.ts';
import { BUILDING, start } from '../support/start.ts';
import { tempFolder } from '../support/temp-folder.ts';

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

itNeeds('nginx', 'nginx')('the first change arrives through nginx as it is, without delay', async () => {
  await using world = await start({ flats: BUILDING });
  await using folder = await tempFolder();
  const port = await freePort();
  await writeFile(
    folder.file('nginx.conf'),
    `daemon off; pid ${folder.file('pid')}; error_log ${folder.file('error.log')};
events {}
http {
  access_log off;
  server { listen 127.0.0.1:${port}; location / { proxy_pass ${world.url}; } }
}
`,
  );
  const nginx = spawn('nginx', ['-p', folder.path, '-e', folder.file('error.log'), '-c', folder.file('nginx.conf')]);
  try {
    const url = `http://127.0.0.1:${port}`;
    while (!(await fetch(url).catch(() => undefined))) await sleep(20);
    const stream = await subscribe(url, 'subscription { intercomFlatChanged { flatId } }');
    await world.patch({ flat_id: 1, is_analog_line_available: false });
    const changed = performance.now();
    expect(await take(stream, 1)).toEqual([{ data: { intercomFlatChanged: { flatId: '1' } } }]);
    // nginx would hold a small answer back until the connection ends: for good.
    expect(performance.now() - changed).toBeLessThan(1_000);
    stream.close();
  } finally {
    nginx.kill('SIGQUIT');
    await once(nginx, 'close');
  }
});
