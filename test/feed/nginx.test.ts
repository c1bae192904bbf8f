import { expect } from 'vitest';
import { freePort } from '../support/free-port.ts';
import { itNeeds } from '../support/it-needs.ts';
import { startNginx } from '../support/nginx.ts';
import { subscribe, take } from '../support/sse.ts';
import { BUILDING, start } from '../support/start.ts';

itNeeds('nginx', 'nginx')('the first change arrives through nginx as it is, without delay', async () => {
  await using world = await start({ flats: BUILDING });
  const port = await freePort();
  await using _ = await startNginx(
    `server { listen 127.0.0.1:${port}; location / { proxy_pass ${world.url}; } }`,
    port,
  );
  // nginx speaks HTTP/1.0 unless it is told otherwise, so that this is no request of this machine.
  const bearer = await world.bearer('write');
  const query = 'subscription { intercomFlatChanged { flatId } }';
  const stream = await subscribe(`http://127.0.0.1:${port}`, query, {}, bearer);
  await world.patch({ flat_id: 1, is_analog_line_available: false }, bearer);
  const changed = performance.now();
  expect(await take(stream, 1)).toEqual([{ data: { intercomFlatChanged: { flatId: '1' } } }]);
  // nginx would hold a small answer back until the connection ends: for good.
  expect(performance.now() - changed).toBeLessThan(10_000);
  stream.close();
});
