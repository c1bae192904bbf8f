import Sqlite from 'better-sqlite3';
import { readMigrationFiles } from 'drizzle-orm/migrator';
import { foldTitle } from '../../src/domain/intercom.ts';

const MIGRATIONS = readMigrationFiles({
  migrationsFolder: new URL('../../drizzle/sqlite', import.meta.url).pathname,
});

/** The number of the schema of now. */
export const SCHEMA = MIGRATIONS.length;

/** Makes a database with an intercom, as the version of a schema left it. */
export function oldDatabase(file: string, schema: number): void {
  const client = new Sqlite(file);
  client.pragma('journal_mode = WAL');
  client.function('fold_title', { deterministic: true }, (title) => foldTitle(String(title)));
  client.exec('create table __drizzle_migrations (id integer primary key, hash text not null, created_at numeric)');
  for (const { sql, hash, folderMillis } of MIGRATIONS.slice(0, schema)) {
    for (const statement of sql) client.exec(statement);
    client.prepare('insert into __drizzle_migrations (hash, created_at) values (?, ?)').run(hash, folderMillis);
  }
  client.exec("insert into intercoms (id, title) values (1, 'Tower')");
  client.close();
}
