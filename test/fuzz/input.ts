/** What is sent over one connection, as bytes. */
export interface Input {
  /** Which kind of mischief it is. */
  readonly kind: string;
  /** Sent one after the other. */
  readonly pieces: readonly Buffer[];
  /** A whole request that is answered once: the connection may be used again. */
  readonly whole: boolean;
  /** Whether an answer has no body (HEAD). */
  readonly headOnly?: boolean;
  /** How a connection ends after anything else. */
  readonly ending?: 'end' | 'reset';
}

export type Headers = readonly (readonly [name: string, value: string])[];

/** A request such as HTTP wants it, with whatever stands in its parts. */
export function requestBytes(method: string, target: string, headers: Headers, body: Buffer): Buffer {
  const lines = headers.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  return Buffer.concat([Buffer.from(`${method} ${target} HTTP/1.1\r\n${lines}\r\n`), body]);
}

const LARGEST_CHUNK = 500;

/** The same body in chunks. */
export function chunked(body: Buffer): Buffer {
  const parts: Buffer[] = [];
  for (let at = 0; at < body.length; at += LARGEST_CHUNK) {
    const chunk = body.subarray(at, at + LARGEST_CHUNK);
    parts.push(Buffer.from(`${chunk.length.toString(16)}\r\n`), chunk, Buffer.from('\r\n'));
  }
  return Buffer.concat([...parts, Buffer.from('0\r\n\r\n')]);
}
