import { timingSafeEqual } from 'node:crypto';
import type { Database } from 'better-sqlite3';
import type { Token } from '../../../domain/token.ts';
import type { GroupCommit } from '../../group-commit.ts';
import type { Tokens } from '../../store.ts';
import { TOKEN_COLUMNS, toToken } from '../rows.ts';

export function createTokenQueries(client: Database, commits: GroupCommit): Tokens {
  const live = createLiveTokens(client);
  const all = client.prepare(`select ${TOKEN_COLUMNS} from tokens order by id`).raw();
  const insert = client.prepare(
    'insert into tokens (name, scope, hash, created_at) values (?, ?, ?, ?) on conflict (name) where revoked_at is null do nothing',
  );
  const revoke = client.prepare('update tokens set revoked_at = ? where name = ? and revoked_at is null');
  const use = client.prepare('update tokens set last_used_at = ? where id = ?');

  return {
    addToken: (name, scope, hash) =>
      commits.write(1, (now) => insert.run(name, scope, hash, now).changes > 0).finally(live.forget),
    revokeToken: (name) => commits.write(1, (now) => revoke.run(now, name).changes > 0).finally(live.forget),
    recordTokenUse: (id) => commits.write(1, (now) => void use.run(now, id)),
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
export function createLiveTokens(client: Database): LiveTokens {
  // Changes whenever another connection has committed; for what this one does there is `forget`.
  const version = client.prepare('pragma data_version').pluck();
  const select = client.prepare(`select ${TOKEN_COLUMNS}, hash from tokens where revoked_at is null`).raw();
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
