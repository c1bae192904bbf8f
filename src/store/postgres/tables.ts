import { SCOPES } from '../../domain/caller.ts';
import { CHANNELS, PROVISION_KINDS } from '../../domain/change.ts';
import { MAX_KEY_CODE, MAX_LOGIN, MAX_TITLE } from '../../domain/import-row.ts';
import { MAX_FLAT } from '../../domain/input.ts';
import { MAX_EXTERNAL_ID } from '../../domain/intercom.ts';
import { MAX_REASON } from '../../domain/limits.ts';
import { LINE_SPELLINGS, LINES, type Line } from '../../domain/lines.ts';
import { MAX_TOKEN_NAME } from '../../domain/token.ts';
import {
  bigint,
  boolean,
  check,
  customType,
  index,
  integer,
  pgTable,
  primaryKey,
  smallint,
  sql,
  unique,
  uniqueIndex,
} from './drizzle.ts';

// The tables of `sqlite/tables.ts`, as PostgreSQL has them best. Statements are written as `text` over these objects. The first
// migration was edited by hand where drizzle-kit has no words: the fill of the pages of `change_log`, and the first rows.

/** Texts are compared by their bytes, as SQLite compares them, whatever the locale of the database. */
const text = customType<{ data: string }>({ dataType: () => 'text collate "C"' });
const bytes = customType<{ data: Buffer }>({ dataType: () => 'bytea' });
/** An id, a version, or a moment in milliseconds since 1970. */
const number = (name: string) => bigint(name, { mode: 'number' });

const flag = (name: string) => boolean(name).notNull();
type Flag = ReturnType<typeof flag>;

const perLine = <Prefix extends string>(prefix: Prefix) =>
  Object.fromEntries(LINES.map((line) => [`${prefix}${line}`, flag(prefix + LINE_SPELLINGS[line].column)])) as Record<
    `${Prefix}${Line}`,
    Flag
  >;

const listed = (names: readonly string[]): string => names.map((it) => `'${it}'`).join(', ');

export const intercoms = pgTable(
  'intercoms',
  {
    id: number('id').primaryKey(),
    title: text('title').notNull(),
    /** The title as it is searched and sorted. */
    titleFolded: text('title_folded').notNull(),
    /** Its id in another system. */
    externalId: text('external_id').unique('intercoms_external_id'),
    /** The numbers its flats may have; there may be gaps. Both are there, or neither. */
    flatFrom: integer('flat_from'),
    flatTo: integer('flat_to'),
  },
  (table) => [
    check('intercoms_title', sql.raw(`length(title) between 1 and ${MAX_TITLE}`)),
    check('intercoms_external_id_length', sql.raw(`length(external_id) between 1 and ${MAX_EXTERNAL_ID}`)),
    check(
      'intercoms_range',
      sql.raw(
        `(flat_from is null) = (flat_to is null) and flat_from >= 1 and flat_to <= ${MAX_FLAT} and flat_from <= flat_to`,
      ),
    ),
    index('intercoms_title_folded').on(table.titleFolded, table.id),
  ],
);

export const flats = pgTable(
  'flats',
  {
    id: number('id').primaryKey(),
    intercomId: number('intercom_id')
      .notNull()
      .references(() => intercoms.id),
    flat: integer('flat').notNull(),
    ...perLine(''),
    version: number('version').notNull(),
    updatedAt: number('updated_at').notNull(),
    /** The lines as one number, a bit for each. */
    lines: smallint('lines').generatedAlwaysAs(
      sql.raw(LINES.map((line, bit) => `${2 ** bit} * ${LINE_SPELLINGS[line].column}::int`).join(' + ')),
    ),
    /** Whether the lines are other than the flat came with, or were so once. */
    changed: boolean('changed').generatedAlwaysAs(sql.raw('version > 1')),
  },
  (table) => [
    unique('flats_intercom_flat').on(table.intercomId, table.flat),
    // The two indexes that an update of lines has to keep.
    index('flats_lines_intercom').on(table.lines, table.intercomId, table.flat),
    index('flats_updated').on(table.updatedAt, table.id, table.changed),
    index('flats_flat').on(table.flat, table.intercomId),
    check('flats_flat', sql.raw(`flat between 1 and ${MAX_FLAT}`)),
    check('flats_version', sql.raw('version >= 1')),
  ],
);

export const keys = pgTable(
  'keys',
  {
    flatId: number('flat_id')
      .notNull()
      .references(() => flats.id, { onDelete: 'cascade' }),
    code: text('code').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.flatId, table.code] }),
    index('keys_by_code').on(table.code, table.flatId),
    check('keys_code', sql.raw(`length(code) between 1 and ${MAX_KEY_CODE}`)),
  ],
);

export const users = pgTable(
  'users',
  {
    /** Nobody sees it, so it may have gaps. */
    id: number('id').primaryKey().generatedAlwaysAsIdentity(),
    login: text('login').notNull().unique('users_login'),
  },
  () => [check('users_login_length', sql.raw(`length(login) between 1 and ${MAX_LOGIN}`))],
);

export const flatUsers = pgTable(
  'flat_users',
  {
    flatId: number('flat_id')
      .notNull()
      .references(() => flats.id, { onDelete: 'cascade' }),
    userId: number('user_id')
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
  },
  (table) => [
    primaryKey({ columns: [table.flatId, table.userId] }),
    index('flat_users_user').on(table.userId, table.flatId),
  ],
);

/** The greatest ids that intercoms and flats have ever had. Its one row is the first lock of whatever makes or deletes them. */
export const ids = pgTable(
  'ids',
  {
    one: boolean('one').primaryKey(),
    intercom: number('intercom').notNull(),
    flat: number('flat').notNull(),
  },
  () => [check('ids_one', sql.raw('one'))],
);

/** The log. It names flats but does not reference them, since it outlives them. */
export const changes = pgTable(
  'changes',
  {
    seq: number('seq').primaryKey(),
    changedAt: number('changed_at').notNull(),
    actor: text('actor').notNull(),
    channel: text('channel').notNull(),
    reason: text('reason'),
    flatId: number('flat_id').notNull(),
    intercomId: number('intercom_id').notNull(),
    flat: integer('flat').notNull(),
    ...perLine('before_'),
    ...perLine('after_'),
  },
  (table) => [
    // There is none on the time, see `clockSteps`.
    index('changes_flat').on(table.flatId, table.seq),
    index('changes_intercom').on(table.intercomId, table.seq),
    index('changes_actor').on(table.actor, table.channel, table.seq),
    check('changes_channel', sql.raw(`channel in (${listed(CHANNELS)})`)),
    check('changes_reason', sql.raw(`length(reason) <= ${MAX_REASON}`)),
  ],
);

/** The rows of the log about anything but lines, in the same order of seq. */
export const provisionChanges = pgTable(
  'provision_changes',
  {
    seq: number('seq').primaryKey(),
    changedAt: number('changed_at').notNull(),
    actor: text('actor').notNull(),
    channel: text('channel').notNull(),
    reason: text('reason'),
    kind: text('kind').notNull(),
    intercomId: number('intercom_id').notNull(),
    /** Both are null in rows about a whole intercom. */
    flatId: number('flat_id'),
    flat: integer('flat'),
    /** What else there is to say of a change of this kind, as JSON (`rows.ts`). */
    details: text('details').notNull(),
  },
  (table) => [
    index('provision_changes_flat').on(table.flatId, table.seq),
    index('provision_changes_intercom').on(table.intercomId, table.seq),
    index('provision_changes_kind').on(table.kind, table.actor, table.channel, table.seq),
    check('provision_changes_channel', sql.raw(`channel in (${listed(CHANNELS)})`)),
    check('provision_changes_kinds', sql.raw(`kind in (${listed(PROVISION_KINDS)})`)),
    check('provision_changes_reason', sql.raw(`length(reason) <= ${MAX_REASON}`)),
    check('provision_changes_flat_number', sql.raw('(flat_id is null) = (flat is null)')),
  ],
);

/**
 * Which rows of the log are one change set: those of one call, which may take many commits. A run is the rows of a commit, or of several
 * with nothing in between. The id of a set is the seq of its first row; a row in no run is a set by itself, so that a single update
 * pays nothing for this table.
 */
export const changeSetRuns = pgTable(
  'change_set_runs',
  {
    firstSeq: number('first_seq').primaryKey(),
    lastSeq: number('last_seq').notNull(),
    changeSet: number('change_set').notNull(),
  },
  (table) => [index('change_set_runs_set').on(table.changeSet, table.lastSeq, table.firstSeq)],
);

/**
 * One row, which every commit of changes updates and keeps locked to its end: so changes are committed in the order of their
 * seq, whatever instance writes them, and a reader that goes by seq misses none.
 */
export const changeLog = pgTable(
  'change_log',
  {
    one: boolean('one').primaryKey(),
    seq: number('seq').notNull(),
    /** The time of the newest change, and of the one before its commit. */
    lastTime: number('last_time').notNull(),
    timeBefore: number('time_before').notNull(),
    /** The history of the server that wrote last; seq jumps with each new one. */
    timeline: number('timeline').notNull(),
    /** How many flats stand in each state of the lines, by the number that `lines` of a flat is. */
    counts: bigint('counts', { mode: 'number' }).array().notNull(),
  },
  () => [check('change_log_one', sql.raw('one'))],
);

/** One row of what seldom changes. */
export const databaseState = pgTable(
  'database_state',
  {
    one: boolean('one').primaryKey(),
    /** The log's epoch, and of which database of which server it is: a copy elsewhere is another log. */
    epoch: text('epoch').notNull(),
    identity: text('identity').notNull(),
    /** The seq up to which rows were taken out of the log; 0 when all are there. */
    prunedTo: number('pruned_to').notNull(),
    /** Grows with each token that is made or revoked. */
    tokensVersion: number('tokens_version').notNull(),
  },
  () => [check('database_state_one', sql.raw('one'))],
);

/** Where the clock of the server went back: the seq of each change that is earlier than the one before it. */
export const clockSteps = pgTable('clock_steps', { seq: number('seq').primaryKey() });

/** The last transaction of each connection that writes: whether it is stored can be read after its answer was lost. */
export const writers = pgTable('writers', {
  id: text('id').primaryKey(),
  /** Grows with each connection that takes the writer over. */
  session: number('session').notNull(),
  batch: number('batch').notNull(),
  base: number('base').notNull(),
  at: number('at').notNull(),
});

/** By which callers are known. What a caller sends is not here, only its SHA-256. */
export const tokens = pgTable(
  'tokens',
  {
    id: number('id').primaryKey().generatedAlwaysAsIdentity(),
    name: text('name').notNull(),
    scope: text('scope').notNull(),
    hash: bytes('hash').notNull().unique('tokens_hash'),
    createdAt: number('created_at').notNull(),
    lastUsedAt: number('last_used_at'),
    revokedAt: number('revoked_at'),
    expiresAt: number('expires_at'),
  },
  (table) => [
    uniqueIndex('tokens_live_name').on(table.name).where(sql.raw('revoked_at is null')),
    check('tokens_name', sql.raw(`length(name) between 1 and ${MAX_TOKEN_NAME}`)),
    check('tokens_scope', sql.raw(`scope in (${listed(SCOPES)})`)),
    check('tokens_hash_length', sql.raw('length(hash) = 32')),
  ],
);
