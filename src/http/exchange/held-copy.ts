import { createHash } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

/** A strong validator of a content. */
export const etagOf = (content: string | Buffer): string =>
  `"${createHash('sha256').update(content).digest('base64url').slice(0, 16)}"`;

/** Whether the caller's copy is still good (RFC 9110, 13.1.2). */
export const hasCopy = (headers: IncomingHttpHeaders, etag: string): boolean =>
  headers['if-none-match']?.split(',').some((it) => it.trim() === '*' || it.trim().replace(/^W\//, '') === etag) ===
  true;
