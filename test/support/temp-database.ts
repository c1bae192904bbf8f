import { clientOfFile, clientOfServer, type OtherClient } from './other-client.ts';
import { newDatabase } from './postgres.ts';
import { STORE } from './start.ts';
import { tempFolder } from './temp-folder.ts';

/** A database of a test's own, in the dialect that tests run on, for services that are processes of their own. */
export interface TempDatabase extends OtherClient, AsyncDisposable {
  readonly env: { readonly DATABASE_URL: string };
}

export async function tempDatabase(): Promise<TempDatabase> {
  const folder = await tempFolder();
  const file = folder.file('flats.db');
  const url = STORE === 'postgres' ? await newDatabase() : undefined;
  return {
    ...(url === undefined ? clientOfFile(file) : clientOfServer(url)),
    env: { DATABASE_URL: url ?? `file:${file}` },
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}
