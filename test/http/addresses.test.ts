import { describe, expect, it } from 'vitest';
import { canonicalAddress, createAddressSet, isLoopbackHost, parseCidr } from '../../src/http/access/addresses.ts';

describe('an address', () => {
  it.each([
    ['10.0.0.1', '10.0.0.1'],
    ['::ffff:10.0.0.1', '10.0.0.1'],
    ['::FFFF:0A00:0001', '10.0.0.1'],
    ['0:0:0:0:0:ffff:a00:1', '10.0.0.1'],
    ['2001:DB8:0::1', '2001:db8::1'],
    ['fe80::1%eth0', 'fe80::1'],
    ['0:0:0:0:0:0:0:1', '::1'],
    ['::10.0.0.1', '::a00:1'],
    ['010.0.0.1', undefined],
    ['10.1', undefined],
    ['10.0.0.1:80', undefined],
    ['[::1]', undefined],
    ['localhost', undefined],
    ['', undefined],
  ])('%j is compared as %j', (text, expected) => {
    expect(canonicalAddress(text)).toBe(expected);
  });

  it.each([
    ['localhost', true],
    ['LocalHost', true],
    ['127.0.0.1', true],
    ['127.9.9.9', true],
    ['::1', true],
    ['::ffff:127.0.0.1', true],
    ['0.0.0.0', false],
    ['::', false],
    ['128.0.0.1', false],
    ['localhost.example', false],
    ['127.0.0.1.example', false],
    ['', false],
  ])('%j is of this machine only: %j', (host, expected) => {
    expect(isLoopbackHost(host)).toBe(expected);
  });
});

describe('a network', () => {
  it.each([
    ['10.0.0.0/8', '10.0.0.0/8'],
    ['10.1.2.3', '10.1.2.3/32'],
    ['0.0.0.0/0', '0.0.0.0/0'],
    ['2001:db8::/32', '2001:db8::/32'],
    ['::1', '::1/128'],
    ['::/0', '::/0'],
    ['::ffff:10.0.0.0/104', '10.0.0.0/8'],
    ['::ffff:10.0.0.1', '10.0.0.1/32'],
    ['::ffff:10.0.0.1/95', undefined],
    ['10.0.0.0/33', undefined],
    ['::/129', undefined],
    ['10.0.0.0/', undefined],
    ['10.0.0.0/8/8', undefined],
    ['10.0.0.0/255.0.0.0', undefined],
    ['10.0.0.*', undefined],
    ['fe80::1%eth0/64', undefined],
    ['example.org', undefined],
    ['*', undefined],
  ])('%j is read as %j', (text, expected) => {
    const cidr = parseCidr(text);
    expect(cidr && `${cidr.address}/${cidr.prefix}`).toBe(expected);
  });

  it.each([
    ['10.0.0.0/8', ['10.0.0.0', '10.255.255.255', '::ffff:10.1.2.3'], ['9.255.255.255', '11.0.0.0', '::a01:203']],
    ['192.168.1.0/25', ['192.168.1.127'], ['192.168.1.128']],
    ['10.1.2.3', ['10.1.2.3'], ['10.1.2.4']],
    ['2001:db8::/33', ['2001:db8:7fff::1'], ['2001:db8:8000::', '10.0.0.1']],
    ['0.0.0.0/0', ['1.2.3.4', '::ffff:1.2.3.4'], ['2001:db8::1']],
    ['::/0', ['2001:db8::1', 'fe80::1%eth0'], ['1.2.3.4', '::ffff:1.2.3.4']],
    ['::ffff:10.0.0.0/104', ['10.9.9.9'], ['11.0.0.0']],
  ])('%s holds %j and not %j', (network, inside, outside) => {
    const set = createAddressSet([network]);
    expect([inside, outside].map((them) => them.map((it) => set.has(it)))).toEqual([
      inside.map(() => true),
      outside.map(() => false),
    ]);
    expect([undefined, '', 'nonsense'].map((it) => set.has(it))).toEqual([false, false, false]);
  });
});
