import { sql } from 'drizzle-orm';
import { check, index, integer, primaryKey, sqliteTable, text, unique } from 'drizzle-orm/sqlite-core';
import { CHANNELS } from '../../domain/change.ts';
import { MAX_KEY_CODE, MAX_LOGIN, MAX_TITLE } from '../../domain/flat-row.ts';
import { MAX_FLAT } from '../../domain/integer.ts';
import { LINES, type Line } from '../../domain/lines.ts';
import { MAX_REASON } from '../../domain/update.ts';

// Every table is STRICT, and the two link tables are WITHOUT ROWID. drizzle-kit can write neither, so a new migration
// is edited by hand; a test reads `pragma table_list` and fails when that was forgotten.

const snake = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
const flag = (name: string) => integer(name, { mode: 'boolean' }).notNull();
type Flag = ReturnType<typeof flag>;

const perLine = <Prefix extends string>(prefix: Prefix) =>
  Object.fromEntries(LINES.map((line) => [`${prefix}${line}`, flag(snake(`${prefix}${line}`))])) as Record<
    `${Prefix}${Line}`,
    Flag
  >;

const checkFlags = (name: string, prefix: string) =>
  check(name, sql.raw(LINES.map((line) => `${snake(`${prefix}${line}`)} in (0, 1)`).join(' and ')));

export const intercoms = sqliteTable(
  'intercoms',
  { id: integer().primaryKey({ autoIncrement: true }), title: text().notNull() },
  () => [check('intercoms_title', sql.raw(`length(title) between 1 and ${MAX_TITLE}`))],
);

export const flats = sqliteTable(
  'flats',
  {
    id: integer().primaryKey({ autoIncrement: true }),
    intercomId: integer('intercom_id')
      .notNull()
      .references(() => intercoms.id),
    flat: integer().notNull(),
    ...perLine(''),
    version: integer().notNull(),
    updatedAt: integer('updated_at').notNull(),
  },
  (table) => [
    unique('flats_intercom_flat').on(table.intercomId, table.flat),
    check('flats_flat', sql.raw(`flat between 1 and ${MAX_FLAT}`)),
    check('flats_version', sql.raw('version >= 1')),
    checkFlags('flats_lines', ''),
  ],
);

export const keys = sqliteTable(
  'keys',
  {
    flatId: integer('flat_id')
      .notNull()
      .references(() => flats.id, { onDelete: 'cascade' }),
    code: text().notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.flatId, table.code] }),
    check('keys_code', sql.raw(`length(code) between 1 and ${MAX_KEY_CODE}`)),
  ],
);

export const users = sqliteTable(
  'users',
  { id: integer().primaryKey({ autoIncrement: true }), login: text().notNull().unique('users_login') },
  () => [check('users_login_length', sql.raw(`length(login) between 1 and ${MAX_LOGIN}`))],
);

export const flatUsers = sqliteTable(
  'flat_users',
  {
    flatId: integer('flat_id')
      .notNull()
      .references(() => flats.id, { onDelete: 'cascade' }),
    userId: integer('user_id')
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
  },
  (table) => [primaryKey({ columns: [table.flatId, table.userId] }), index('flat_users_user').on(table.userId)],
);

/** The log. It names flats but does not reference them, since it outlives them. */
export const changes = sqliteTable(
  'changes',
  {
    seq: integer().primaryKey({ autoIncrement: true }),
    changedAt: integer('changed_at').notNull(),
    actor: text().notNull(),
    channel: text({ enum: CHANNELS }).notNull(),
    reason: text(),
    flatId: integer('flat_id').notNull(),
    intercomId: integer('intercom_id').notNull(),
    flat: integer().notNull(),
    ...perLine('before_'),
    ...perLine('after_'),
  },
  () => [
    check('changes_channel', sql.raw(`channel in (${CHANNELS.map((it) => `'${it}'`).join(', ')})`)),
    check('changes_reason', sql.raw(`length(reason) <= ${MAX_REASON}`)),
    checkFlags('changes_before', 'before_'),
    checkFlags('changes_after', 'after_'),
  ],
);

/** One row: the log's epoch. */
export const changeLog = sqliteTable('change_log', { epoch: text().notNull() });
