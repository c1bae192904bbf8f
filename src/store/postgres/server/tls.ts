import type { ConnectionOptions } from 'node:tls';
import type { Address, Host } from './address.ts';
import { readNamedFile } from './read-file.ts';

/** The driver's options for TLS; `false` for none. A Unix socket has none, as with libpq. */
export function tlsFor({ tls }: Address, { host }: Host): ConnectionOptions | false {
  const { mode, rootCert, cert, key } = tls;
  if (mode === 'disable' || host.startsWith('/')) return false;
  // `require` with a root certificate checks it, as with libpq.
  const checks = mode === 'verify-full' || mode === 'verify-ca' || (mode === 'require' && rootCert !== undefined);
  return {
    rejectUnauthorized: checks,
    ...(checks && mode !== 'verify-full' && { checkServerIdentity: () => undefined }),
    ...(rootCert !== undefined && rootCert !== 'system' && { ca: readNamedFile('sslrootcert', rootCert) }),
    ...(cert !== undefined && { cert: readNamedFile('sslcert', cert) }),
    ...(key !== undefined && { key: readNamedFile('sslkey', key) }),
  };
}
