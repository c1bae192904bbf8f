import { type AddressSet, isLoopbackAddress, isLoopbackHost } from './addresses.ts';
import { type Arrived, isForwarded } from './client-address.ts';

/**
 * Whether a request comes from this machine itself: from a loopback address, to a loopback name, and through no proxy. A
 * page of a stranger can point a name of its own at this machine (DNS rebinding), but not change the name it asks for; and a
 * proxy on this machine forwards requests of others: it is recognized by its headers or by its configured address. A proxy
 * without either cannot be recognized, save that nginx sends HTTP/1.0 unless it is configured otherwise.
 */
export function isLocalRequest({ socket, headers, url = '', httpVersion }: Arrived, proxies: AddressSet): boolean {
  const [, authority] = (!url.startsWith('/') && /^https?:\/\/([^/?#]*)/i.exec(url)) || [];
  return (
    isLoopbackPeer(socket.remoteAddress) &&
    !proxies.has(socket.remoteAddress) &&
    isLoopbackAuthority(headers.host) &&
    (authority === undefined || isLoopbackAuthority(authority)) &&
    !isForwarded(headers) &&
    httpVersion !== '1.0'
  );
}

const isLoopbackPeer = rememberingLast(isLoopbackAddress);

/** A host with or without a port. */
const isLoopbackAuthority = rememberingLast((authority) => {
  const [, bracketed, bare = ''] = /^(?:\[([^\]]*)\]|([^:]*))(?::\d*)?$/.exec(authority) ?? [];
  return isLoopbackHost(bracketed ?? bare);
});

/** Nearly all requests have the same text, so its result is kept. */
function rememberingLast(judge: (text: string) => boolean): (text: string | undefined) => boolean {
  let last = '';
  let verdict = judge(last);
  return (text = '') => {
    if (text !== last) [last, verdict] = [text, judge(text)];
    return verdict;
  };
}
