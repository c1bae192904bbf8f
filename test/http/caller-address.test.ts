import { expect, it } from 'vitest';
import { createAddressSet } from '../../src/http/access/addresses.ts';
import { clientAddress } from '../../src/http/access/client-address.ts';

const PROXIES = createAddressSet(['127.0.0.1', '10.0.0.0/24', '2001:db8::/64']);
const hidden = { mayHide: true };
const clear = (address: string) => ({ address, mayHide: false });
const mayHide = (address: string) => ({ address, mayHide: true });

it.each<[string, string | undefined, Record<string, string>, object]>([
  ['a caller who comes straight', '8.8.8.8', {}, clear('8.8.8.8')],
  ['a caller in IPv6 clothes', '::ffff:8.8.8.8', {}, clear('8.8.8.8')],
  ['a caller who claims an address', '8.8.8.8', { 'x-forwarded-for': '1.1.1.1' }, mayHide('8.8.8.8')],
  ['a proxy that nobody named', '8.8.8.8', { forwarded: 'for=1.1.1.1' }, mayHide('8.8.8.8')],
  ['another one', '8.8.8.8', { via: '1.1 squid' }, mayHide('8.8.8.8')],
  ['a tunnel', '8.8.8.8', { 'cf-connecting-ip': '1.1.1.1' }, mayHide('8.8.8.8')],
  ['a connection that is gone', undefined, {}, hidden],
  ['a proxy', '127.0.0.1', { 'x-forwarded-for': '1.1.1.1' }, clear('1.1.1.1')],
  ['a proxy in IPv6 clothes', '::ffff:127.0.0.1', { 'x-forwarded-for': ' ::ffff:1.1.1.1 ' }, clear('1.1.1.1')],
  ['two proxies', '127.0.0.1', { 'x-forwarded-for': '1.1.1.1, 10.0.0.9' }, clear('1.1.1.1')],
  ['proxies of both kinds', '2001:db8::5', { 'x-forwarded-for': '2001:DB8:1::1,10.0.0.9' }, clear('2001:db8:1::1')],
  ['a caller who lies to a proxy', '127.0.0.1', { 'x-forwarded-for': '10.0.0.5, 1.1.1.1' }, mayHide('1.1.1.1')],
  ['nonsense before the caller', '127.0.0.1', { 'x-forwarded-for': 'x, 1.1.1.1' }, mayHide('1.1.1.1')],
  ['a proxy that says nothing', '127.0.0.1', {}, hidden],
  ['a proxy that says it otherwise', '127.0.0.1', { 'x-real-ip': '1.1.1.1' }, hidden],
  ['an empty header', '127.0.0.1', { 'x-forwarded-for': '' }, hidden],
  ['proxies alone', '127.0.0.1', { 'x-forwarded-for': '127.0.0.1, 10.0.0.1' }, hidden],
  ['nonsense', '127.0.0.1', { 'x-forwarded-for': 'unknown' }, hidden],
  ['nonsense behind a proxy', '127.0.0.1', { 'x-forwarded-for': '1.1.1.1, unknown, 10.0.0.1' }, hidden],
  ['an end that is missing', '127.0.0.1', { 'x-forwarded-for': '1.1.1.1,' }, hidden],
  ['an address with a port', '127.0.0.1', { 'x-forwarded-for': '1.1.1.1:51008' }, clear('1.1.1.1')],
  ['ports of several', '127.0.0.1', { 'x-forwarded-for': '1.1.1.1:5, 10.0.0.9:6' }, clear('1.1.1.1')],
  ['brackets', '127.0.0.1', { 'x-forwarded-for': '[2001:db8:1::1]' }, clear('2001:db8:1::1')],
  ['brackets and a port', '127.0.0.1', { 'x-forwarded-for': '[2001:DB8:1::1]:443' }, clear('2001:db8:1::1')],
  ['IPv4 in brackets', '127.0.0.1', { 'x-forwarded-for': '[::ffff:1.1.1.1]:443' }, clear('1.1.1.1')],
  [
    'IPv6 whose last part looks like a port',
    '127.0.0.1',
    { 'x-forwarded-for': '2001:db8:1::80' },
    clear('2001:db8:1::80'),
  ],
  ['a port that is none', '127.0.0.1', { 'x-forwarded-for': '1.1.1.1:x' }, hidden],
  ['a name with a port', '127.0.0.1', { 'x-forwarded-for': 'localhost:80' }, hidden],
])('%s: peer %j, headers %j', (_, remoteAddress, headers, expected) => {
  expect(clientAddress({ socket: { remoteAddress }, headers }, PROXIES)).toEqual(expected);
});
