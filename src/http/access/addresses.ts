import { BlockList, isIP } from 'node:net';

/**
 * An address in its canonical form: without a zone, and IPv4 as IPv4 also where it came in as IPv6 (`::ffff:10.0.0.1`).
 * `undefined` for what is not an address.
 */
export function canonicalAddress(text: string): string | undefined {
  if (isIP(text) === 4) return text;
  const bare = text.replace(/%.*$/, '');
  if (isIP(bare) !== 6) return undefined;
  const address = new URL(`http://[${bare}]`).hostname.slice(1, -1);
  const [, high, low] = /^::ffff:([0-9a-f]+):([0-9a-f]+)$/.exec(address) ?? [];
  if (high === undefined || low === undefined) return address;
  const bits = [high, low].map((it) => Number.parseInt(it, 16));
  return bits.flatMap((it) => [it >> 8, it & 0xff]).join('.');
}

/**
 * The network that belongs to the owner of a canonical address: for IPv6 the /64, the smallest that anybody is given.
 */
export function networkOf(address: string): string {
  if (isIP(address) !== 6) return address;
  const [before = '', after] = address.split('::');
  const head = before === '' ? [] : before.split(':');
  const tail = after ? after.split(':') : [];
  const zeros = after === undefined ? 0 : 8 - head.length - tail.length;
  return [...head, ...Array<string>(zeros).fill('0'), ...tail].slice(0, 4).join(':');
}

/** Whether an address is a loopback address. */
export function isLoopbackAddress(text: string): boolean {
  const address = canonicalAddress(text);
  return address === '::1' || address?.startsWith('127.') === true;
}

/** Whether a host, a name or an address, is loopback only. */
export const isLoopbackHost = (host: string): boolean => host.toLowerCase() === 'localhost' || isLoopbackAddress(host);

/** A network as an address and the length of its prefix in bits. */
interface Cidr {
  readonly address: string;
  readonly prefix: number;
}

/** Reads `10.0.0.0/8`, `2001:db8::/32` or a single address; `undefined` when it is none of these. */
export function parseCidr(text: string): Cidr | undefined {
  const [, given = '', length] = /^([^/%]+)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const address = canonicalAddress(given);
  if (!address) return undefined;
  const bits = isIP(address) === 4 ? 32 : 128;
  // IPv4 in the spelling of IPv6 has 96 bits before its own.
  const before = isIP(given) === 4 ? 0 : 128 - bits;
  const prefix = length === undefined ? bits : Number(length) - before;
  return prefix >= 0 && prefix <= bits ? { address, prefix } : undefined;
}

export interface AddressSet {
  /** False for what is not an address. */
  has(address: string | undefined): boolean;
}

/** The addresses in networks that `parseCidr` can read. */
export function createAddressSet(networks: readonly string[]): AddressSet {
  if (networks.length === 0) return { has: () => false };
  // A list for each family: in one list `::/0` would hold every IPv4 address, too.
  const lists = { 4: new BlockList(), 6: new BlockList() };
  for (const network of networks) {
    const { address, prefix } = parseCidr(network) as Cidr;
    lists[isIP(address) as 4 | 6].addSubnet(address, prefix, isIP(address) === 4 ? 'ipv4' : 'ipv6');
  }
  return {
    has(text) {
      const address = text === undefined ? undefined : canonicalAddress(text);
      if (address === undefined) return false;
      return isIP(address) === 4 ? lists[4].check(address, 'ipv4') : lists[6].check(address, 'ipv6');
    },
  };
}
