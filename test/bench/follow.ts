import { request } from 'node:http';

const EVENT = 'event: next';

export interface Follower {
  /** How many events have come so far. */
  count(): number;
  close(): void;
}

/**
 * Follows a subscription and counts its events. It does not read what they hold: a thousand followers that do would take
 * more of the machine than the server that sends to them.
 */
export async function follow(url: string, query: string, variables: object): Promise<Follower> {
  const { promise: opened, resolve, reject } = Promise.withResolvers<void>();
  let count = 0;
  /** The last bytes of a piece, too few for an event's first line and maybe a part of one. */
  let rest = '';
  const headers = { 'content-type': 'application/json', accept: 'text/event-stream' };
  const subscription = request(`${url}/graphql`, { method: 'POST', headers, agent: false }, (response) => {
    if (response.statusCode !== 200) reject(new Error(`a stream was answered with ${response.statusCode}`));
    response.setEncoding('latin1');
    response.on('data', (piece: string) => {
      const text = rest + piece;
      for (let at = text.indexOf(EVENT); at >= 0; at = text.indexOf(EVENT, at + EVENT.length)) count++;
      rest = text.slice(-EVENT.length + 1);
    });
    response.on('error', () => {});
    resolve();
  });
  subscription.on('error', reject);
  subscription.end(JSON.stringify({ query, variables }));
  await opened;
  return { count: () => count, close: () => subscription.destroy() };
}
