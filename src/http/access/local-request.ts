import { type AddressSet, isLoopbackAddress, isLoopbackHost } from './addresses.ts';
import { type Arrived, isForwarded } from './client-address.ts';

/**
 * Whether a request comes from this machine itself: from a loopback address, to a loopback name, and through no proxy. A
 * page of a stranger can point a name of its own at this machine (DNS rebinding), but not change the name it asks for; and a
 * proxy on this machine forwards requests of others: it is recognized by its headers or by its configured address. A proxy
 * without either cannot be recognized, save that nginx sends HTTP/1.0 unless it is configured otherwise.
 */
export type IsLocal = (request: Arrived) => boolean;

export function createLocalCheck(proxies: AddressSet): IsLocal {
  const isLoopbackPeer = rememberLast(isLoopbackAddress);
  const isLoopbackAuthority = rememberLast(isLoopbackHostAndPort);

  return ({ socket, headers, url = '', httpVersion }) => {
    const [, authority] = (!url.startsWith('/') && /^https?:\/\/([^/?#]*)/i.exec(url)) || [];
    return (
      isLoopbackPeer(socket.remoteAddress) &&
      !proxies.has(socket.remoteAddress) &&
      isLoopbackAuthority(headers.host) &&
      (authority === undefined || isLoopbackAuthority(authority)) &&
      !isForwarded(headers) &&
      httpVersion !== '1.0'
    );
  };
}

/** A host with or without a port. */
function isLoopbackHostAndPort(authority: string): boolean {
  const [, bracketed, bare = ''] = /^(?:\[([^\]]*)\]|([^:]*))(?::\d*)?$/.exec(authority) ?? [];
  return isLoopbackHost(bracketed ?? bare);
}

/** Nearly all requests have the same text, so its result is kept. */
function rememberLast(check: (text: string) => boolean): (text: string | undefined) => boolean {
  let last = '';
  let result = check(last);
  return (text = '') => {
    if (text !== last) [last, result] = [text, check(text)];
    return result;
  };
}
