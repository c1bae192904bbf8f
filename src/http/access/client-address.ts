import type { IncomingHttpHeaders } from 'node:http';
import { type AddressSet, canonicalAddress } from './addresses.ts';

/** What is needed of a request. */
export interface Arrived {
  readonly socket: { readonly remoteAddress?: string | undefined };
  readonly headers: IncomingHttpHeaders;
  readonly url?: string | undefined;
  readonly httpVersion?: string | undefined;
}

/** The address that a request comes from, as far as that is known. */
export interface CallerAddress {
  /** Absent when only trusted proxies are known; a proxy's own address is never the caller's. */
  readonly address?: string;
  /** Whether another client may be behind the address, so that the address is not trusted. */
  readonly mayHide: boolean;
}

/**
 * `X-Forwarded-For` counts only when a trusted proxy sends it: from the right, past the trusted proxies, the first other
 * address is the caller's. Entries to its left were written by the caller, which may be an unknown proxy.
 */
export function clientAddress({ socket, headers }: Arrived, proxies: AddressSet): CallerAddress {
  const peer = canonicalAddress(socket.remoteAddress ?? '');
  if (peer === undefined) return { mayHide: true };
  if (!proxies.has(peer)) return { address: peer, mayHide: isForwarded(headers) };
  const hops = [headers['x-forwarded-for'] ?? ''].join().split(',');
  while (hops.length > 0) {
    const hop = canonicalAddress(withoutPort(hops.pop()?.trim() ?? ''));
    if (hop === undefined) break;
    if (!proxies.has(hop)) return { address: hop, mayHide: hops.length > 0 };
  }
  return { mayHide: true };
}

/** Some proxies send the port as well: `10.1.2.3:51008`, `[2001:db8::1]:51008`, and IPv6 in brackets without one. */
function withoutPort(hop: string): string {
  const [, bracketed, plain] = /^(?:\[([^\]]*)\](?::\d{1,5})?|([^:]*):\d{1,5})$/.exec(hop) ?? [];
  return bracketed ?? plain ?? hop;
}

/** Headers in which proxies, tunnels and CDNs name the client, beside `X-Forwarded-*`. */
const FORWARDING = new Set([
  'forwarded',
  'via',
  'x-real-ip',
  'x-client-ip',
  'x-cluster-client-ip',
  'x-original-forwarded-for',
  'x-original-host',
  'x-proxyuser-ip',
  'x-envoy-external-address',
  'x-appengine-user-ip',
  'x-azure-clientip',
  'true-client-ip',
  'cf-connecting-ip',
  'cf-connecting-ipv6',
  'cf-pseudo-ipv4',
  'cf-ray',
  'cdn-loop',
  'fastly-client-ip',
  'fly-client-ip',
  'client-ip',
]);

/** Whether a request has headers of a proxy. */
export function isForwarded(headers: IncomingHttpHeaders): boolean {
  for (const name in headers) if (FORWARDING.has(name) || name.startsWith('x-forwarded')) return true;
  return false;
}
