import { timingSafeEqual } from 'node:crypto';
import type { Database } from 'better-sqlite3';
import type { BetterSQLite3Database } from 'drizzle-orm/better-sqlite3';
import type { Token } from '../../../domain/token.ts';
import type { GroupCommit } from '../../group-commit.ts';
import type { Tokens } from '../../store.ts';
import { compile, placeholders } from '../compile.ts';
import { and, eq, isNull, sql } from '../drizzle.ts';
import { TOKEN_COLUMNS, toToken } from '../rows.ts';
import { tokens } from '../tables.ts';

export function createTokenQueries(client: Database, db: BetterSQLite3Database, commits: GroupCommit): Tokens {
  const live = createLiveTokens(client, db);
  const all = compile(client, db.select(TOKEN_COLUMNS).from(tokens).orderBy(tokens.id), []).raw();
  const names = ['name', 'scope', 'hash', 'createdAt'] as const;
  const insert = compile(client, db.insert(tokens).values(placeholders(names)).onConflictDoNothing(), names);
  const revoke = compile(
    client,
    db
      .update(tokens)
      .set({ revokedAt: sql`${sql.placeholder('now')}` })
      .where(and(eq(tokens.name, sql.placeholder('name')), isNull(tokens.revokedAt))),
    ['now', 'name'],
  );
  const use = compile(
    client,
    db
      .update(tokens)
      .set({ lastUsedAt: sql`${sql.placeholder('now')}` })
      .where(eq(tokens.id, sql.placeholder('id'))),
    ['now', 'id'],
  );

  return {
    addToken: (name, scope, hash) =>
      commits.write('tokens', 1, (now) => insert.run(name, scope, hash, now).changes > 0).finally(live.forget),
    revokeToken: (name) => commits.write('tokens', 1, (now) => revoke.run(now, name).changes > 0).finally(live.forget),
    recordTokenUse: (id) => commits.write('tokens', 1, (now) => void use.run(now, id)),
    findToken: async (hash) => live.find(hash),
    hasToken: async () => live.ids().size > 0,
    liveTokenIds: async () => live.ids(),
    listTokens: async () => (all.all() as unknown[][]).map(toToken),
  };
}

interface LiveToken {
  readonly hash: Buffer;
  readonly token: Token;
}

export interface LiveTokens {
  find(hash: Buffer): Token | undefined;
  ids(): ReadonlySet<number>;
  /** Invalidates the cache: this process changed a token. */
  forget(): void;
}

/** How long a check for writes of another process stays valid: even that check costs a read. */
const MAX_AGE_MS = 10;

/** The tokens that are not revoked, kept in memory: a read of them for each request would be a tenth of an update's time. */
function createLiveTokens(client: Database, db: BetterSQLite3Database): LiveTokens {
  // Changes whenever another connection has committed; for what this one does there is `forget`.
  const version = client.prepare('pragma data_version').pluck();
  const columns = { ...TOKEN_COLUMNS, hash: tokens.hash };
  const select = compile(client, db.select(columns).from(tokens).where(isNull(tokens.revokedAt)), []).raw();
  let byStart = new Map<string, LiveToken[]>();
  let ids: ReadonlySet<number> = new Set();
  let readVersion: unknown;
  let lookedAt = Number.NEGATIVE_INFINITY;

  function refresh(): void {
    const now = performance.now();
    if (now - lookedAt < MAX_AGE_MS) return;
    const current = version.get();
    if (current !== readVersion) {
      const live = (select.all() as unknown[][]).map((row) => ({ token: toToken(row), hash: row.at(-1) as Buffer }));
      byStart = Map.groupBy(live, ({ hash }) => startOf(hash));
      ids = new Set(live.map(({ token }) => token.id));
      readVersion = current;
    }
    lookedAt = now;
  }

  return {
    find(hash) {
      refresh();
      return byStart.get(startOf(hash))?.find((it) => timingSafeEqual(it.hash, hash))?.token;
    },
    ids() {
      refresh();
      return ids;
    },
    forget() {
      readVersion = undefined;
      lookedAt = Number.NEGATIVE_INFINITY;
    },
  };
}

/** Tokens are found by this little of a hash, so that the time it takes reveals nothing of the rest. */
const startOf = (hash: Buffer): string => hash.toString('hex', 0, 4);
