import { Socket } from 'node:net';

/** The service's own ends of connections. */
export const served = (url: string): Socket[] =>
  // biome-ignore lint/suspicious/noExplicitAny: Node has no other name for it
  ((process as any)._getActiveHandles() as unknown[]).filter(
    (it): it is Socket => it instanceof Socket && it.localPort === Number(new URL(url).port),
  );
