import { createRequire } from 'node:module';

// drizzle as CommonJS, for the reason that `sqlite/drizzle.ts` gives. Its driver for node-postgres is not here: it takes 1.8
// times the time of the client for a statement, so drizzle has the tables, the texts and the migrations alone.
const require = createRequire(import.meta.url);

export const { sql } = require('drizzle-orm') as typeof import('drizzle-orm');
export const { readMigrationFiles } = require('drizzle-orm/migrator') as typeof import('drizzle-orm/migrator');
export const {
  alias,
  bigint,
  boolean,
  check,
  customType,
  getTableConfig,
  index,
  integer,
  PgDialect,
  pgTable,
  primaryKey,
  smallint,
  unique,
  uniqueIndex,
} = require('drizzle-orm/pg-core') as typeof import('drizzle-orm/pg-core');
