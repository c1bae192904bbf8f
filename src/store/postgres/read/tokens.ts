import { createLiveTokens, type LiveToken } from '../../live-tokens.ts';
import { toToken } from '../../rows.ts';
import type { TokenReads } from '../../store.ts';
import { TOKEN_COLUMNS } from '../columns.ts';
import { text } from '../sql-text.ts';
import { databaseState, tokens } from '../tables.ts';
import type { Reader } from './query.ts';

/** How long what is known of the tokens stays valid: each check is a trip to the server. */
const MAX_AGE_MS = 250;
/** The same for a token that is not known: another instance may have made it just now. */
const UNKNOWN_MAX_AGE_MS = 20;

const ALL = text`select ${TOKEN_COLUMNS} from ${tokens} order by ${tokens.id}`;
const LIVE = text`select ${TOKEN_COLUMNS}, ${tokens.hash} from ${tokens} where ${tokens.revokedAt} is null`;
const VERSION = text`select ${databaseState.tokensVersion} from ${databaseState} where one`;

/** The tokens that are not revoked are kept in memory. `forget` invalidates them, after a write of this process. */
export function createTokenReads({ rows, prepared }: Reader): TokenReads & { readonly forget: () => void } {
  const live = createLiveTokens();
  let version: unknown;
  let lookedAt = Number.NEGATIVE_INFINITY;
  let looking: Promise<void> | undefined;
  let forgotten = 0;

  /** What was written while it read may not be in what it has read: then it reads again. */
  async function look(): Promise<void> {
    for (;;) {
      const at = performance.now();
      const before = forgotten;
      const [row] = await prepared(VERSION, {});
      const found = row?.[0] === version ? undefined : await prepared(LIVE, {});
      if (forgotten !== before) continue;
      if (found) live.set(found.map((it): LiveToken => ({ token: toToken(it), hash: it.at(-1) as Buffer })));
      // One that was made meanwhile is seen at the next look.
      version = row?.[0];
      lookedAt = at;
      return;
    }
  }

  async function refresh(maxAge: number): Promise<void> {
    if (performance.now() - lookedAt < maxAge) return;
    looking ??= look().finally(() => {
      looking = undefined;
    });
    await looking;
  }

  return {
    async findToken(hash) {
      await refresh(MAX_AGE_MS);
      const found = live.find(hash);
      if (found) return found;
      await refresh(UNKNOWN_MAX_AGE_MS);
      return live.find(hash);
    },
    async hasToken() {
      await refresh(MAX_AGE_MS);
      return live.ids().size > 0;
    },
    async liveTokenIds() {
      await refresh(MAX_AGE_MS);
      return live.ids();
    },
    listTokens: async () => (await rows(ALL, {})).map(toToken),
    forget() {
      forgotten++;
      lookedAt = Number.NEGATIVE_INFINITY;
    },
  };
}
