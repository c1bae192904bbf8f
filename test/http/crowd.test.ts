import { Agent, get, type IncomingMessage } from 'node:http';
import { describe, expect, it } from 'vitest';
import { BUILDING, start, type World } from '../support/start.ts';
import { until } from '../support/until.ts';

/** Opens a stream on a connection of its own, and returns how to close it. */
async function follow({ url }: World): Promise<() => Promise<void>> {
  const left = new AbortController();
  const response = await fetch(`${url}/graphql?query=subscription{intercomFlatChanged{flat}}`, {
    headers: { accept: 'text/event-stream' },
    signal: left.signal,
  });
  expect(response.status).toBe(200);
  return async () => {
    left.abort();
    await response.text().catch(() => {});
  };
}

const statusFrom = ({ url }: World, agent: Agent) =>
  new Promise<number | undefined>((resolve, reject) => {
    get(`${url}/nowhere`, { agent }, (response: IncomingMessage) => {
      response.resume().once('end', () => resolve(response.statusCode));
    }).once('error', reject);
  });

describe('connections', () => {
  it('above the limit are told so, and the next one is served as soon as another ends', async () => {
    await using world = await start({ flats: BUILDING, limits: { connections: 2 } });
    const end = await follow(world);
    await follow(world);
    const refused = await fetch(`${world.url}/graphql?query={changesHead}`, { headers: { 'x-request-id': 'third' } });
    expect([refused.status, refused.headers.get('retry-after'), refused.headers.get('connection')]).toEqual([
      503,
      '1',
      'close',
    ]);
    expect(await refused.json()).toEqual({ message: 'Too many connections are open; try again shortly.' });
    expect(refused.headers.get('x-request-id')).toBe('third');
    await until(() => world.requests.length === 1);
    expect(JSON.parse(world.requests[0] as string)).toMatchObject({
      ...{ requestId: 'third', door: 'other', actor: 'nobody', status: 503, outcome: 'busy' },
    });
    await end();
    await expect.poll(async () => (await world.gql('{ changesHead }')).status).toBe(200);
  });

  it('that are kept for a next request make room for new ones', async () => {
    await using world = await start({ limits: { connections: 2 } });
    const kept = [new Agent({ keepAlive: true }), new Agent({ keepAlive: true })];
    for (const agent of kept) expect(await statusFrom(world, agent)).toBe(404);
    const fresh = new Agent();
    expect(await statusFrom(world, fresh)).toBe(404);
    for (const agent of [...kept, fresh]) agent.destroy();
  });
});
