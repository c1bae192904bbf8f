import type { Database } from 'better-sqlite3';
import type { BetterSQLite3Database } from 'drizzle-orm/better-sqlite3';
import { createLiveTokens } from '../../live-tokens.ts';
import { toToken } from '../../rows.ts';
import type { TokenReads } from '../../store.ts';
import { TOKEN_COLUMNS } from '../columns.ts';
import { compile } from '../compile.ts';
import { isNull } from '../drizzle.ts';
import { tokens } from '../tables.ts';

/** How long a check for writes of other connections stays valid: even that check costs a read. */
const MAX_AGE_MS = 10;

/** The tokens that are not revoked are kept in memory. `forget` invalidates them, after a write of this process. */
export function createTokenReads(
  client: Database,
  db: BetterSQLite3Database,
): TokenReads & { readonly forget: () => void } {
  const all = compile(client, db.select(TOKEN_COLUMNS).from(tokens).orderBy(tokens.id), []).raw();
  // Changes whenever another connection has committed; for what this one does there is `forget`.
  const version = client.prepare('pragma data_version').pluck();
  const columns = { ...TOKEN_COLUMNS, hash: tokens.hash };
  const select = compile(client, db.select(columns).from(tokens).where(isNull(tokens.revokedAt)), []).raw();
  const live = createLiveTokens();
  let readVersion: unknown;
  let lookedAt = Number.NEGATIVE_INFINITY;

  function refresh(): void {
    const now = performance.now();
    if (now - lookedAt < MAX_AGE_MS) return;
    const current = version.get();
    if (current !== readVersion) {
      live.set((select.all() as unknown[][]).map((row) => ({ token: toToken(row), hash: row.at(-1) as Buffer })));
      readVersion = current;
    }
    lookedAt = now;
  }

  return {
    async findToken(hash) {
      refresh();
      return live.find(hash);
    },
    async hasToken() {
      refresh();
      return live.ids().size > 0;
    },
    async liveTokenIds() {
      refresh();
      return live.ids();
    },
    listTokens: async () => (all.all() as unknown[][]).map(toToken),
    forget() {
      readVersion = undefined;
      lookedAt = Number.NEGATIVE_INFINITY;
    },
  };
}
