import { type Spawned, spawnServer } from '../support/spawn.ts';

export type Instance = Spawned & { readonly url: string; readonly name: string; readonly port: string };

/** Its log has the address it listens on, so it is not silent. */
export async function startInstance(name: string, env: Record<string, string>, port = '0'): Promise<Instance> {
  const instance = await spawnServer('', { ...env, INSTANCE: name, PORT: port, LOG_LEVEL: 'info' });
  return { ...instance, name, port: new URL(instance.url).port };
}
