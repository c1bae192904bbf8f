import type { IncomingMessage } from 'node:http';

/** Why the head of a request is refused. */
export type HeadProblem = 'missingHost' | 'severalHosts' | 'unknownExpectation';

export const HEAD_STATUS: Readonly<Record<HeadProblem, number>> = {
  missingHost: 400,
  severalHosts: 400,
  unknownExpectation: 417,
};

/** What is wrong with the head of a request (RFC 9110, 7.2 and 10.1.1). Node itself would answer without a body. */
export function headProblem({ httpVersion, headers, rawHeaders }: IncomingMessage): HeadProblem | undefined {
  if (headers.host === undefined) {
    if (httpVersion === '1.1') return 'missingHost';
  } else if (hosts(rawHeaders) > 1) return 'severalHosts';
  const { expect } = headers;
  return expect !== undefined && !/^100-continue$/i.test(expect) ? 'unknownExpectation' : undefined;
}

function hosts(rawHeaders: readonly string[]): number {
  let count = 0;
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] as string;
    if (name.length === 4 && name.toLowerCase() === 'host') count++;
  }
  return count;
}

/** Whether the body has no content coding: none is decoded here. */
export const isPlainBody = ({ 'content-encoding': coding }: IncomingMessage['headers']): boolean =>
  coding === undefined || /^\s*(identity)?\s*$/i.test(coding);

/** Whether the connection of a request was given up by Node's parser for another protocol; Node's types do not name this. */
export const isUpgraded = (request: IncomingMessage & { readonly upgrade?: boolean }): boolean =>
  request.upgrade === true;
