import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { NOBODY } from '../../src/domain/caller.ts';
import { createAddressSet } from '../../src/http/access/addresses.ts';
import { createRateLimits } from '../../src/http/access/rate-limits.ts';
import { BUILDING, start, type World } from '../support/start.ts';

const WRONG = { authorization: 'Bearer nobody-knows-this-one' };

/** The status of a GraphQL request, and how many more the answer says there may be. */
async function ask(world: World, headers: Record<string, string> = {}): Promise<[number, string | null]> {
  const response = await fetch(`${world.url}/graphql?query={changesHead}`, { headers });
  await response.text();
  return [response.status, response.headers.get('ratelimit')?.replace(/;t=\d+$/, '') ?? null];
}

/** A service behind a proxy on this machine, which hands on whatever address a test claims. */
const behindProxy = (limits: object) =>
  start({ flats: BUILDING, host: '0.0.0.0', trustedProxies: ['127.0.0.1'], trustedNetworks: ['10.0.0.0/8'], limits });
const from = (address: string) => ({ 'x-forwarded-for': address });

describe('requests a minute', () => {
  it('without a token are limited by address, at every door, and told when to come again', async () => {
    await using world = await start({ host: '0.0.0.0', limits: { unauthenticated: 2 } });
    const began = performance.now();
    expect(await ask(world)).toEqual([401, '"unauthenticated";r=1']);
    expect(await ask(world)).toEqual([401, '"unauthenticated";r=0']);
    const refused = await fetch(`${world.url}/graphql`, { headers: { 'accept-language': 'ru' } });
    const seconds = Number(refused.headers.get('retry-after'));
    expect([refused.status, await refused.json()]).toEqual([
      429,
      {
        errors: [
          {
            message: `Слишком много запросов: не более 2 в минуту. Повторите через ${seconds} с.`,
            extensions: { code: 'RATE_LIMITED' },
          },
        ],
      },
    ]);
    expect(seconds).toBeGreaterThanOrEqual(60 - Math.ceil((performance.now() - began) / 1_000));
    expect(seconds).toBeLessThanOrEqual(60);
    expect(refused.headers.get('ratelimit-policy')).toBe('"unauthenticated";q=2;w=60');
    expect(refused.headers.get('ratelimit')).toBe(`"unauthenticated";r=0;t=${seconds}`);

    const rest = await world.patch({ flat_id: 1 });
    const again = rest.headers.get('retry-after');
    expect([rest.status, rest.body]).toEqual([
      429,
      { message: `Too many requests: at most 2 a minute. Try again in ${again} s.` },
    ]);
    expect((await fetch(`${world.url}/nowhere`)).status).toBe(429);
  });

  it('with a wrong token are limited by address, and a good one from there gets in all the same', async () => {
    await using world = await start({ flats: BUILDING, host: '0.0.0.0', limits: { failedAuthentications: 3 } });
    const good = await world.bearer('write');
    for (const left of [2, 1, 0]) expect(await ask(world, WRONG)).toEqual([401, `"failed";r=${left}`]);
    for (let again = 0; again < 3; again++) expect(await ask(world, WRONG)).toEqual([429, '"failed";r=0']);
    expect(await ask(world, good)).toEqual([200, null]);
    expect((await world.patch({ flat_id: 1 }, good)).status).toBe(200);
    // Who forgot the token is told so still.
    expect((await ask(world))[0]).toBe(401);
  });

  it('are as many as come by default for tokens, trusted networks and local use', async () => {
    const limits = { unauthenticated: 1, failedAuthentications: 1 };
    await using world = await behindProxy(limits);
    const token = await world.bearer('write');
    await using local = await start({ flats: BUILDING, limits });
    for (let again = 0; again < 30; again++) {
      expect(await ask(world, token)).toEqual([200, null]);
      expect((await world.patch({ flat_id: 1 }, from('10.1.2.3'))).status).toBe(200);
      expect(await ask(local)).toEqual([200, null]);
    }
  });

  it('from this machine itself are not counted with those that a proxy on it hands on', async () => {
    await using world = await start({ limits: { unauthenticated: 1 } });
    await world.bearer('read');
    for (const status of [401, 429, 429]) expect((await ask(world, { 'x-real-ip': '192.0.2.1' }))[0]).toBe(status);
    for (let again = 0; again < 3; again++) expect(await ask(world)).toEqual([401, null]);
  });

  it('of each token and of each trusted address are limited when the operator says so', async () => {
    await using world = await behindProxy({ perToken: 2, perTrustedAddress: 1 });
    const [first, second] = [await world.bearer('write', 'first'), await world.bearer('write', 'second')];
    expect(await ask(world, first)).toEqual([200, '"token";r=1']);
    expect((await world.patch({ flat_id: 1 }, first)).headers.get('ratelimit')).toMatch(/^"token";r=0;t=\d+$/);
    expect(await ask(world, first)).toEqual([429, '"token";r=0']);
    expect(await ask(world, second)).toEqual([200, '"token";r=1']);

    const trusted = async (address: string) => (await world.patch({ flat_id: 1 }, from(address))).status;
    expect([await trusted('10.0.0.1'), await trusted('10.0.0.1'), await trusted('10.0.0.2')]).toEqual([200, 429, 200]);
  });

  it('are counted for a network of IPv6 as one, and for all whose address only proxies know', async () => {
    await using world = await behindProxy({ unauthenticated: 1 });
    const statusOf = async (address: string) => (await ask(world, from(address)))[0];
    /** The first of some addresses that is counted by itself: two addresses share a slot by chance. */
    async function alone(...addresses: string[]): Promise<string | undefined> {
      for (const it of addresses) if ((await statusOf(it)) === 401) return it;
      return undefined;
    }
    expect([await statusOf('192.0.2.1'), await statusOf('192.0.2.1')]).toEqual([401, 429]);
    expect(await alone('192.0.2.2', '192.0.2.3', '192.0.2.4')).toBeDefined();
    const network = await alone('2001:db8:0:a::1', '2001:db8:0:b::1', '2001:db8:0:c::1');
    expect(await statusOf(`${network?.replace('::1', '')}:ffff::2`)).toBe(429);
    expect(await alone('2001:db8:0:d::1', '2001:db8:0:e::1', '2001:db8:0:f::1')).toBeDefined();
    expect([await statusOf('unknown'), await statusOf('127.0.0.1')]).toEqual([401, 429]);
  });

  it('do not keep a page of an allowed origin from asking first', async () => {
    await using world = await start({
      host: '0.0.0.0',
      corsOrigins: ['https://dashboard.example'],
      limits: { unauthenticated: 1 },
    });
    for (let again = 0; again < 3; again++) {
      const { status } = await fetch(`${world.url}/graphql`, {
        method: 'OPTIONS',
        headers: { origin: 'https://dashboard.example', 'access-control-request-method': 'POST' },
      });
      expect(status).toBe(204);
    }
  });

  it('take no more memory for 100,000 addresses than for some', async () => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const heap = () => {
      collect();
      return process.memoryUsage().heapUsed;
    };
    const limits = { unauthenticated: 1, failedAuthentications: 1, perToken: null, perTrustedAddress: null };
    const count = createRateLimits(limits, createAddressSet([]), () => false);
    const askFrom = async (first: number, last: number) => {
      for (let i = first; i < last; i++) {
        const remoteAddress = `192.${(i >> 16) & 0xff}.${(i >> 8) & 0xff}.${i & 0xff}`;
        const request = { socket: { remoteAddress }, headers: {} };
        await count(request, { setHeader: (() => {}) as never }, NOBODY);
      }
    };
    await askFrom(0, 25_000);
    const before = heap();
    await askFrom(25_000, 100_000);
    expect(heap() - before).toBeLessThan(5_000_000);
  });
});
