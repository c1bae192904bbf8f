import { describe, expect, it } from 'vitest';
import { REST_PATH } from '../../src/rest/address.ts';
import { everythingOf } from '../support/everything.ts';
import { rawHttp } from '../support/raw-http.ts';
import { BUILDING, start, type World } from '../support/start.ts';

const read = async (world: World, query: string, init: RequestInit = {}) => {
  const answer = await fetch(`${world.url}${REST_PATH}${query}`, init);
  const { status, headers } = answer;
  return {
    ...{ status, etag: headers.get('etag'), cache: headers.get('cache-control'), text: await answer.text() },
    length: headers.get('content-length'),
  };
};

/** Queries, from good ones to those that name no flat. */
const QUERIES = [
  ...['flat_id=1', 'flat_id=3', 'intercom_id=1&flat=10', 'intercom_id=2&flat=10', 'intercom_id=1&flat_id=2'],
  ...['flat_id=%201%20', 'flat_id=+1', 'flat_id=%2B1', 'flat_id=1&flat=', 'flat=%20&flat_id=1&intercom_id='],
  ...['', 'flat=10', 'intercom_id=1', 'flat_id=1&flat=10', 'intercom_id=1&flat=10&flat_id=1', 'flat_id=&flat='],
  ...['flat_id=0', 'flat_id=-1', 'flat_id=01', 'flat_id=1.0', 'flat_id=1e0', 'flat_id=x', 'flat_id=%D9%A1'],
  ...['flat_id=9007199254740992', 'flat_id=9007199254740991', 'intercom_id=x&flat=y', 'flat_id=%FF', 'flat_id=%'],
  ...['flat_id=99', 'intercom_id=1&flat=99', 'intercom_id=9&flat=10', 'intercom_id=9&flat_id=99'],
  ...['intercom_id=2&flat_id=1', 'intercom_id=9&flat_id=1', 'intercom_id=1&flat_id=99', 'flat_id=2&flat_id=1'],
];

describe('GET /api/v1/billing/intercom-flats', () => {
  it('answers byte for byte as an update that sets no line, in both languages', async () => {
    await using world = await start({ flats: BUILDING });
    for (const query of QUERIES) {
      for (const language of ['en', 'ru']) {
        const headers = { 'accept-language': language };
        const form = { ...headers, 'content-type': 'application/x-www-form-urlencoded' };
        const patched = await fetch(world.url + REST_PATH, { method: 'PATCH', headers: form, body: query });
        const { status, etag, text } = await read(world, `?${query}`, { headers });
        expect([query, status, etag, text]).toEqual([
          query,
          patched.status,
          patched.headers.get('etag'),
          await patched.text(),
        ]);
      }
    }
    expect(await world.store.changesHead()).toBe(0);
  });

  it('answers with the flat as it is now, and with its version for the If-Match of an update', async () => {
    await using world = await start({ flats: BUILDING });
    const before = await read(world, '?intercom_id=1&flat=11');
    expect(before).toMatchObject({
      status: 200,
      etag: '"1"',
      cache: 'no-store',
      text: '{"id":2,"flat":11,"key_count":0,"users_count":0,"intercom_id":1,"properties":{"is_smartphone_sip_line_available":true,"is_landline_sip_line_available":false,"is_analog_line_available":true}}',
    });
    const guarded = { flat_id: 2, is_landline_sip_line_available: true };
    const guard = { 'if-match': before.etag as string };
    expect((await world.patch(guarded, guard)).status).toBe(200);
    expect((await world.patch({ ...guarded, is_analog_line_available: false }, guard)).status).toBe(412);
    expect(await read(world, '?flat_id=2')).toMatchObject({
      etag: '"2"',
      text: before.text.replace('"is_landline_sip_line_available":false', '"is_landline_sip_line_available":true'),
    });
  });

  it('is HEAD without the body', async () => {
    await using world = await start({ flats: BUILDING });
    for (const query of ['?flat_id=1', '?flat_id=99', '']) {
      const answer = await read(world, query);
      expect(await read(world, query, { method: 'HEAD' })).toEqual({ ...answer, text: '' });
    }
  });

  it('is not to be kept, whatever it answers', async () => {
    await using world = await start({ flats: BUILDING });
    for (const query of ['?flat_id=1', '?flat_id=99', '?x']) expect((await read(world, query)).cache).toBe('no-store');
    expect((await world.patch({ flat_id: 1 })).headers.get('cache-control')).toBe(null);
  });

  it('never writes, and takes nothing from a body', async () => {
    await using world = await start({ flats: BUILDING });
    const before = await everythingOf(world);
    const body = '{"flat_id":1,"is_analog_line_available":false}';
    const get = (query: string) =>
      rawHttp(
        world.url,
        `GET ${REST_PATH}${query} HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`,
      );
    expect(await get('')).toMatch(/^HTTP\/1.1 422 /);
    expect(await get('?flat_id=1&is_analog_line_available=0')).toMatch(
      /^HTTP\/1.1 200 [\s\S]*\r\nX-Unknown-Keys: is_analog_line_available\r\n[\s\S]*"is_analog_line_available":true/,
    );
    expect(await everythingOf(world)).toEqual(before);
  });

  it('does not read a body of any length, and goes on with the connection', async () => {
    await using world = await start({ flats: BUILDING });
    const body = 'x'.repeat(200_000);
    const request = (last: string) =>
      `GET ${REST_PATH}?flat_id=1 HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${body.length}\r\n${last}\r\n${body}`;
    const answers = await rawHttp(world.url, request('') + request('Connection: close\r\n'));
    expect(answers.match(/HTTP\/1.1 200 OK/g)).toHaveLength(2);
  });

  it.each([`${REST_PATH}/?flat_id=1`, `/${REST_PATH}//?flat_id=1`, `http://flats.example${REST_PATH}?flat_id=1`])(
    'is found at %s, as the PATCH is',
    async (target) => {
      await using world = await start({ flats: BUILDING });
      const { authorization } = await world.bearer('read');
      const head = `Host: localhost\r\nAuthorization: ${authorization}\r\nConnection: close\r\n\r\n`;
      expect(await rawHttp(world.url, `GET ${target} HTTP/1.1\r\n${head}`)).toMatch(/^HTTP\/1.1 200 [\s\S]*"id":1,/);
    },
  );
});
