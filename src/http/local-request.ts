import type { AddressSet } from './addresses.ts';
import { isLoopbackAddress, isLoopbackHost } from './addresses.ts';
import type { Arrived } from './caller-address.ts';
import { isForwarded } from './forwarding.ts';

/**
 * Whether a request comes from this machine itself: from a loopback address, to a loopback name, and handed on by nobody.
 * A page of a stranger can point a name of its own at this machine (DNS rebinding), but not change the name it asks for;
 * and a proxy on this machine asks for others: one that says so, and one that is known as a proxy whatever it says.
 */
export function isLocalRequest({ socket, headers, url = '' }: Arrived, proxies: AddressSet): boolean {
  const [, authority] = (!url.startsWith('/') && /^https?:\/\/([^/?#]*)/i.exec(url)) || [];
  return (
    isLoopbackAddress(socket.remoteAddress ?? '') &&
    !proxies.has(socket.remoteAddress) &&
    isLoopbackAuthority(headers.host) &&
    (authority === undefined || isLoopbackAuthority(authority)) &&
    !isForwarded(headers)
  );
}

/** A host with or without a port. */
function isLoopbackAuthority(authority = ''): boolean {
  const [, bracketed, bare = ''] = /^(?:\[([^\]]*)\]|([^:]*))(?::\d*)?$/.exec(authority) ?? [];
  return isLoopbackHost(bracketed ?? bare);
}
