import { createRequire } from 'node:module';

// drizzle as CommonJS. For each ES module of a package Node reads the package's `package.json` anew, and drizzle's is so
// large that this took a third of every start.
const require = createRequire(import.meta.url);

export const { and, asc, desc, eq, getTableName, gt, is, isNull, lt, lte, Param, Placeholder, sql } =
  require('drizzle-orm') as typeof import('drizzle-orm');
export const { drizzle } = require('drizzle-orm/better-sqlite3') as typeof import('drizzle-orm/better-sqlite3');
export const { readMigrationFiles } = require('drizzle-orm/migrator') as typeof import('drizzle-orm/migrator');
export const {
  alias,
  blob,
  check,
  getTableConfig,
  index,
  integer,
  primaryKey,
  SQLiteSyncDialect,
  sqliteTable,
  text,
  unique,
  uniqueIndex,
} = require('drizzle-orm/sqlite-core') as typeof import('drizzle-orm/sqlite-core');
