import { defineConfig } from 'drizzle-kit';

/** `npm run migration` is for SQLite, and `DIALECT=postgres npm run migration` for PostgreSQL. */
const isPostgres = process.env['DIALECT'] === 'postgres';
const dialect = isPostgres ? 'postgres' : 'sqlite';

export default defineConfig({
  dialect: isPostgres ? 'postgresql' : 'sqlite',
  schema: `./src/store/${dialect}/tables.ts`,
  out: `./drizzle/${dialect}`,
});
