import { SCOPES } from '../../domain/caller.ts';
import { CHANNELS, PROVISION_KINDS } from '../../domain/change.ts';
import { MAX_KEY_CODE, MAX_LOGIN, MAX_TITLE } from '../../domain/import-row.ts';
import { MAX_FLAT } from '../../domain/input.ts';
import { MAX_REASON } from '../../domain/limits.ts';
import { LINE_SPELLINGS, LINES, type Line } from '../../domain/lines.ts';
import { MAX_TOKEN_NAME } from '../../domain/token.ts';
import { blob, check, index, integer, primaryKey, sql, sqliteTable, text, unique, uniqueIndex } from './drizzle.ts';

// Every table is STRICT, and the link tables and `hidden_flats` are WITHOUT ROWID. drizzle-kit can write neither, so a new migration
// is edited by hand; a test reads `pragma table_list` and fails when that was forgotten. Statements are written by
// drizzle's builder, or as `text` over these objects where their plan is forced; the driver prepares them.

const flag = (name: string) => integer(name, { mode: 'boolean' }).notNull();
type Flag = ReturnType<typeof flag>;

const perLine = <Prefix extends string>(prefix: Prefix) =>
  Object.fromEntries(LINES.map((line) => [`${prefix}${line}`, flag(prefix + LINE_SPELLINGS[line].column)])) as Record<
    `${Prefix}${Line}`,
    Flag
  >;

const checkFlags = (name: string, prefix: string) =>
  check(name, sql.raw(LINES.map((line) => `${prefix}${LINE_SPELLINGS[line].column} in (0, 1)`).join(' and ')));

export const intercoms = sqliteTable(
  'intercoms',
  {
    id: integer().primaryKey({ autoIncrement: true }),
    title: text().notNull(),
    /** The title as it is searched and sorted: SQLite itself knows no case beyond ASCII. */
    titleFolded: text('title_folded').notNull().default(''),
    /** Its id in another system; its length is checked in the migration. */
    externalId: text('external_id').unique('intercoms_external_id'),
    /** The numbers its flats may have; there may be gaps. Both are there, or neither (checked in the migration). */
    flatFrom: integer('flat_from'),
    flatTo: integer('flat_to'),
    /** Nobody sees it: its flats are being made, or deleted. */
    hidden: flag('hidden').default(sql`0`),
  },
  (table) => [
    check('intercoms_title', sql.raw(`length(title) between 1 and ${MAX_TITLE}`)),
    index('intercoms_title_folded').on(table.titleFolded, table.id),
  ],
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
    /** The lines as one number, a bit for each: any states of lines are then a few ranges of an index. */
    lines: integer().generatedAlwaysAs(
      sql.raw(LINES.map((line, bit) => `${2 ** bit} * ${LINE_SPELLINGS[line].column}`).join(' + ')),
    ),
    /** Whether the lines are other than the flat came with, or were so once. */
    changed: integer().generatedAlwaysAs(sql.raw('version > 1')),
    /** The id once more: SQLite looks up a pair of values in an index, but not when one of them is the row id itself. */
    place: integer().generatedAlwaysAs(sql.raw('id')),
  },
  (table) => [
    unique('flats_intercom_flat').on(table.intercomId, table.flat),
    // The two indexes that an update of lines has to keep.
    index('flats_lines_intercom').on(table.lines, table.intercomId, table.flat),
    index('flats_lines_updated').on(table.lines, table.changed, table.updatedAt, table.place),
    index('flats_flat').on(table.flat, table.intercomId),
    check('flats_flat', sql.raw(`flat between 1 and ${MAX_FLAT}`)),
    check('flats_version', sql.raw('version >= 1')),
    checkFlags('flats_lines', ''),
  ],
);

/**
 * Flats that nobody sees. Thousands of flats are made or deleted in several commits, so that others write in between: those
 * that are made wait here for the last commit, and those that are deleted are hidden by the first one.
 */
export const hiddenFlats = sqliteTable(
  'hidden_flats',
  {
    intercomId: integer('intercom_id')
      .notNull()
      .references(() => intercoms.id),
    flatFrom: integer('flat_from').notNull(),
    flatTo: integer('flat_to').notNull(),
    /** Whether they are to be deleted; otherwise they are being made. */
    isDoomed: flag('is_doomed'),
  },
  (table) => [primaryKey({ columns: [table.intercomId, table.flatFrom] })],
);

/**
 * How many flats stand in each state of the lines, so that nobody has to count them. Flats that come and go are counted
 * by triggers, but for hidden ones: `hidden-flats.ts` counts these as they come into sight or leave it. The triggers are in
 * the migrations by hand, and a migration that makes `flats` anew has to make them anew.
 * Updates are counted once per commit (`line-counts.ts`): a trigger took a fifth of an update's time.
 */
export const lineCounts = sqliteTable('line_counts', {
  lines: integer().primaryKey(),
  flats: integer().notNull(),
});

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
    index('keys_by_code').on(table.code, table.flatId),
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

const checkOneOf = (name: string, column: string, values: readonly string[]) =>
  check(name, sql.raw(`${column} in (${values.map((it) => `'${it}'`).join(', ')})`));

/**
 * The change log's rows about lines. It names flats but does not reference them, since it outlives them. Its sequence counts all rows of
 * the log, those in `provisionChanges` as well.
 */
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
  (table) => [
    // Each of these holds the row id, which is the seq, after its columns. There is none on the time, see `clockSteps`.
    index('changes_flat').on(table.flatId),
    index('changes_intercom').on(table.intercomId),
    index('changes_actor').on(table.actor, table.channel),
    checkOneOf('changes_channel', 'channel', CHANNELS),
    check('changes_reason', sql.raw(`length(reason) <= ${MAX_REASON}`)),
    checkFlags('changes_before', 'before_'),
    checkFlags('changes_after', 'after_'),
  ],
);

/**
 * The change log's rows about anything else. They are in a table of their own, so that an update of lines pays nothing for them, and
 * reads of lines need not skip a million flats that were imported.
 */
export const provisionChanges = sqliteTable(
  'provision_changes',
  {
    seq: integer().primaryKey(),
    changedAt: integer('changed_at').notNull(),
    actor: text().notNull(),
    channel: text({ enum: CHANNELS }).notNull(),
    reason: text(),
    kind: text({ enum: PROVISION_KINDS }).notNull(),
    intercomId: integer('intercom_id').notNull(),
    /** Both are null in rows about a whole intercom. */
    flatId: integer('flat_id'),
    flat: integer(),
    /** What else there is to say of a change of this kind, as JSON (`rows.ts`). */
    details: text().notNull(),
  },
  (table) => [
    index('provision_changes_flat').on(table.flatId, table.intercomId),
    index('provision_changes_intercom').on(table.intercomId),
    index('provision_changes_kind').on(table.kind, table.actor, table.channel),
    checkOneOf('provision_changes_channel', 'channel', CHANNELS),
    checkOneOf('provision_changes_kinds', 'kind', PROVISION_KINDS),
    check('provision_changes_reason', sql.raw(`length(reason) <= ${MAX_REASON}`)),
    check('provision_changes_flat_number', sql.raw('(flat_id is null) = (flat is null)')),
  ],
);

/**
 * Which rows of the log are one change set: those of one call, which may take many commits. A run is the rows of a commit, or of several
 * with nothing in between. The id of a set is the seq of its first row; a row in no run is a set by itself, so that a single update
 * pays nothing for this table.
 */
export const changeSetRuns = sqliteTable(
  'change_set_runs',
  {
    firstSeq: integer('first_seq').primaryKey(),
    lastSeq: integer('last_seq').notNull(),
    changeSet: integer('change_set').notNull(),
  },
  (table) => [index('change_set_runs_set').on(table.changeSet, table.lastSeq, table.firstSeq)],
);

/** One row: the log's epoch, and the seq up to which its rows were taken out; 0 when all are there. */
export const changeLog = sqliteTable('change_log', {
  epoch: text().notNull(),
  prunedTo: integer('pruned_to').notNull().default(0),
});

/**
 * Where the clock went back: the seq of each change that is earlier than the one before it. Between two of them time only
 * grows, so that a span of time is one span of seq in each run, and no index on the time has to be kept by every update.
 */
export const clockSteps = sqliteTable('clock_steps', { seq: integer().primaryKey() });

/** By which callers are known. What a caller sends is not here, only its SHA-256. */
export const tokens = sqliteTable(
  'tokens',
  {
    id: integer().primaryKey({ autoIncrement: true }),
    name: text().notNull(),
    scope: text({ enum: SCOPES }).notNull(),
    hash: blob({ mode: 'buffer' }).notNull().unique('tokens_hash'),
    createdAt: integer('created_at').notNull(),
    lastUsedAt: integer('last_used_at'),
    revokedAt: integer('revoked_at'),
    /** Null for a token that does not expire. */
    expiresAt: integer('expires_at'),
  },
  (table) => [
    uniqueIndex('tokens_live_name').on(table.name).where(sql.raw('revoked_at is null')),
    check('tokens_name', sql.raw(`length(name) between 1 and ${MAX_TOKEN_NAME}`)),
    checkOneOf('tokens_scope', 'scope', SCOPES),
    check('tokens_hash_length', sql.raw('length(hash) = 32')),
  ],
);
