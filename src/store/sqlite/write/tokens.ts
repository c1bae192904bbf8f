import type { Database } from 'better-sqlite3';
import type { Tokens } from '../../store.ts';
import type { GroupCommit } from '../commit/group-commit.ts';
import { liveTokens, readToken, TOKEN_COLUMNS } from '../read/live-tokens.ts';

export function tokenQueries(client: Database, commits: GroupCommit): Tokens {
  const live = liveTokens(client);
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
    noteTokenUse: (id) => commits.write(1, (now) => void use.run(now, id)),
    findToken: async (hash) => live.find(hash),
    hasToken: async () => live.ids().size > 0,
    liveTokenIds: async () => live.ids(),
    listTokens: async () => (all.all() as unknown[][]).map(readToken),
  };
}
