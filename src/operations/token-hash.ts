import { hash } from 'node:crypto';

/** What is stored of a token: 32 bytes. A token is random enough for a plain SHA-256; there is nothing to guess. */
export const tokenHash = (text: string): Buffer => hash('sha256', text, 'buffer');
