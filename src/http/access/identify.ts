import { type Caller, LEGACY, LOCAL, NOBODY } from '../../domain/caller.ts';
import type { Authenticate } from '../../operations/authenticate.ts';
import type { Store } from '../../store/store.ts';
import { type AddressSet, createAddressSet } from './addresses.ts';
import { type Arrived, clientAddress } from './client-address.ts';
import type { IsLocal } from './local-request.ts';

export interface Identification {
  readonly store: Store;
  readonly authenticate: Authenticate;
  /** Whether the service listens on this machine only. */
  readonly loopback: boolean;
  /** Networks, such as `parseCidr` reads them. */
  readonly trustedNetworks: readonly string[];
  readonly proxies: AddressSet;
  readonly isLocal: IsLocal;
}

/** Why a caller is refused. */
export type Unidentified =
  | 'invalidToken'
  | 'expiredToken'
  | 'wrongScheme'
  | 'noTokenYet'
  | 'notLocal'
  | 'notLocalHttp10';

/** Identifies the caller. `byNetwork`: whether the address may stand for the caller. */
export type Identify = (request: Arrived, byNetwork: boolean) => Promise<Caller | Unidentified>;

/**
 * A valid token identifies the caller; an invalid one is refused, wherever it comes from. Without any token in the store,
 * callers on this machine are `local`, and nobody else is served.
 */
export function createIdentify(identification: Identification): Identify {
  const { store, authenticate, loopback, trustedNetworks, proxies, isLocal } = identification;
  const networks = createAddressSet(trustedNetworks);

  return async (request, byNetwork) => {
    const { authorization } = request.headers;
    if (authorization !== undefined) {
      const [, text = ''] = /^bearer +(\S+)$/i.exec(authorization) ?? [];
      const token = await authenticate(text);
      if (token === 'expired') return 'expiredToken';
      if (token) {
        const { id, name, scope, expiresAt } = token;
        return { by: 'token', actor: name, scope, tokenId: id, expiresAt };
      }
      if (/^\S/.test(authorization) && !/^bearer\b/i.test(authorization)) return 'wrongScheme';
      return (await store.hasToken()) ? 'invalidToken' : 'noTokenYet';
    }
    if (loopback && !(await store.hasToken())) {
      if (isLocal(request)) return LOCAL;
      return request.httpVersion === '1.0' ? 'notLocalHttp10' : 'notLocal';
    }
    return byNetwork && isFromNetwork(request, networks, proxies) ? LEGACY : NOBODY;
  };
}

/** Scripts send no `Origin`; a page in a browser inside the network does, and is not trusted. */
function isFromNetwork(request: Arrived, networks: AddressSet, proxies: AddressSet): boolean {
  if (request.headers.origin !== undefined) return false;
  const { address, mayHide } = clientAddress(request, proxies);
  return !mayHide && networks.has(address);
}
