import { timingSafeEqual } from 'node:crypto';
import type { Database } from 'better-sqlite3';
import type { BetterSQLite3Database } from 'drizzle-orm/better-sqlite3';
import type { Token } from '../../../domain/token.ts';
import { toToken } from '../../rows.ts';
import type { TokenReads, TokenWrites } from '../../store.ts';
import { TOKEN_COLUMNS } from '../columns.ts';
import { compile } from '../compile.ts';
import { isNull } from '../drizzle.ts';
import { tokens } from '../tables.ts';

interface LiveToken {
  readonly hash: Buffer;
  readonly token: Token;
}

/** How long a check for writes of other connections stays valid: even that check costs a read. */
const MAX_AGE_MS = 10;

/**
 * The tokens that are not revoked are kept in memory: a read of them for each request would be a tenth of an update's time.
 * `forget` invalidates them, after a write of this process.
 */
export function createTokenReads(
  client: Database,
  db: BetterSQLite3Database,
): TokenReads & { readonly forget: () => void } {
  const all = compile(client, db.select(TOKEN_COLUMNS).from(tokens).orderBy(tokens.id), []).raw();
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
    async findToken(hash) {
      refresh();
      return byStart.get(startOf(hash))?.find((it) => timingSafeEqual(it.hash, hash))?.token;
    },
    async hasToken() {
      refresh();
      return ids.size > 0;
    },
    async liveTokenIds() {
      refresh();
      return ids;
    },
    listTokens: async () => (all.all() as unknown[][]).map(toToken),
    forget() {
      readVersion = undefined;
      lookedAt = Number.NEGATIVE_INFINITY;
    },
  };
}

/** Token writes after which a store sees their effect at once. */
export const forgetting = (writes: TokenWrites, forget: () => void): TokenWrites => ({
  ...writes,
  addToken: (...args) => writes.addToken(...args).finally(forget),
  revokeToken: (...args) => writes.revokeToken(...args).finally(forget),
});

/** Tokens are found by this little of a hash, so that the time it takes reveals nothing of the rest. */
const startOf = (hash: Buffer): string => hash.toString('hex', 0, 4);
